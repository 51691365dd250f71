#include "canaryd/base/backoff.hpp"

#include <algorithm>
#include <bit>

namespace canaryd {

duration backoff_bound(std::int32_t failures, duration cap) {
  // 2^20 s is past every cap and far from an overflow.
  const auto exponent = std::clamp(failures, 0, 20);
  return std::min<duration>(cap, std::chrono::seconds{std::int64_t{1} << exponent});
}

bool backoff_has_grown(std::int32_t failures, duration cap) {
  return failures == 0 || backoff_bound(failures, cap) > backoff_bound(failures - 1, cap);
}

bool is_alarm_due(std::int32_t failures, std::int32_t limit, duration cap) {
  if (failures < limit || limit < 1)
    return false;
  const auto times = static_cast<std::uint32_t>(failures / limit);
  return (failures % limit == 0 && std::has_single_bit(times)) ||
         backoff_has_grown(failures - 1, cap);
}

duration full_jitter(std::int32_t failures, double random, duration cap) {
  const auto bound = static_cast<double>(backoff_bound(failures, cap).count());
  return duration{static_cast<duration::rep>(bound * random)};
}

duration retry_wait(const error& problem, std::int32_t failures, double random, duration cap,
                    duration longest) {
  const auto asked_for = problem.retry_after.value_or(duration::zero());
  return std::max(full_jitter(failures, random, cap), std::min(asked_for, longest));
}

}  // namespace canaryd
