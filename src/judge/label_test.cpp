#include "canaryd/judge/label_test.hpp"

#include <algorithm>
#include <cmath>
#include <ranges>

namespace canaryd::judge {
namespace {

constexpr std::array<double, label_ratio_count> ratios{1.25, 1.5, 2.0, 3.0, 5.0, 10.0};

using bets = std::array<double, label_ratio_count>;

// The logarithm of a likelihood ratio of the labels: the canary's rate is `factor` times what the
// tolerated ratio t allows, against exactly what it allows. The probability that an error is the
// canary's is factor * t * n_c / (factor * t * n_c + n_s) in the first case, and
// t * n_c / (t * n_c + n_s) in the second.
double log_likelihood_ratio(const label_block& block, double tolerated_ratio, double factor) {
  const auto canary = static_cast<double>(block.canary);
  const double stable = static_cast<double>(block.stable) / tolerated_ratio;
  const double each = std::log((canary + stable) / (factor * canary + stable));
  return static_cast<double>(block.canary_errors) * (std::log(factor) + each) +
         static_cast<double>(block.stable_errors) * each;
}

double log_mean(const bets& logs) {
  const double largest = std::ranges::max(logs);
  double sum = 0.0;
  for (const double each : logs)
    sum += std::exp(each - largest);
  return largest + std::log(sum / static_cast<double>(logs.size()));
}

}  // namespace

void add_block(evidence& to, const label_block& block, double tolerated_ratio) {
  if (block.canary <= 0 || block.stable <= 0)
    return;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    to.worse[i] += log_likelihood_ratio(block, tolerated_ratio, ratios[i]);
    to.better[i] += log_likelihood_ratio(block, tolerated_ratio, 1.0 / ratios[i]);
  }
}

double log_worse(const evidence& gathered) {
  return log_mean(gathered.worse);
}

double log_better(const evidence& gathered) {
  return log_mean(gathered.better);
}

}  // namespace canaryd::judge
