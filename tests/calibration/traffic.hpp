// Conversations of a bot with a canary, drawn reading by reading: Poisson arrivals, Bernoulli
// errors at a rate that may drift, scores as far apart as scores can be.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/judge/metrics.hpp"

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace canaryd::calibration {

// How a bot and its canary behave.
struct behaviour {
  // Over both arms.
  double conversations_per_minute = 600.0;
  // Share of the stable arm's conversations that fail, by the time since the deploy.
  std::function<double(duration)> stable_error_rate = [](duration) { return 0.01; };
  // The canary's error rate is so many times the stable arm's.
  double error_ratio = 1.0;
  // Mean scores. Each score is 0 or 5: no scores of the same mean are further apart.
  double stable_score = 4.4;
  double canary_score = 4.4;
};

struct counts {
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  std::int64_t best_scores = 0;
};

// What both arms have counted since the deploy, to be asked for any window that ends now and began
// at the end of an earlier slot.
class traffic {
 public:
  // `slot`: from one reading to the next.
  traffic(behaviour how, duration slot, std::uint64_t seed);

  // One more slot passes, with that share of the traffic on the canary, in percent.
  void pass(double canary_percent);

  judge::metrics_sample canary(duration window) const { return told(canary_, window); }
  judge::metrics_sample stable(duration window) const { return told(stable_, window); }

 private:
  counts draw(double per_minute, double error_rate, double score);
  judge::metrics_sample told(const std::vector<counts>& sums, duration window) const;

  behaviour how_;
  duration slot_;
  std::mt19937_64 chance_;
  // By the number of slots that have passed.
  std::vector<counts> canary_{{}};
  std::vector<counts> stable_{{}};
};

}  // namespace canaryd::calibration
