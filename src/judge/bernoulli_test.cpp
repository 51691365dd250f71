#include "canaryd/judge/bernoulli_test.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace canaryd::judge {
namespace {

namespace policies = boost::math::policies;

// A value that is out of range or not exact to the last digit must not end a daemon.
using calm = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

constexpr double infinity = std::numeric_limits<double>::infinity();

double log_beta(double a, double b) {
  return boost::math::lgamma(a, calm{}) + boost::math::lgamma(b, calm{}) -
         boost::math::lgamma(a + b, calm{});
}

}  // namespace

bernoulli_evidence test_rate(double limit, double events, std::int64_t trials) {
  const auto n = static_cast<double>(trials);
  const double s = std::clamp(events, 0.0, n);
  if (limit <= 0.0)
    return {s > 0.0 ? infinity : -std::log1p(n), -infinity};
  if (limit >= 1.0)
    return {-infinity, s < n ? infinity : -std::log1p(n)};
  // The prior is uniform: B(1,1) is 1, and 1 - limit of it lies above the limit.
  const double likelihood = s * std::log(limit) + (n - s) * std::log1p(-limit);
  const double mixture = log_beta(1.0 + s, 1.0 + n - s) - likelihood;
  const double above = boost::math::ibetac(1.0 + s, 1.0 + n - s, limit, calm{});
  const double below = boost::math::ibeta(1.0 + s, 1.0 + n - s, limit, calm{});
  return {mixture + std::log(above) - std::log1p(-limit),
          mixture + std::log(below) - std::log(limit)};
}

}  // namespace canaryd::judge
