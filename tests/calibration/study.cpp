#include "study.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <future>
#include <thread>

namespace canaryd::calibration {
namespace {

constexpr double confidence = 0.95;
constexpr double wanted_catch = 0.99;

double share_of(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<verdict_on_canary> try_many(const study& what, std::int64_t first, std::int64_t last,
                                        std::uint64_t seed) {
  std::vector<verdict_on_canary> verdicts;
  for (auto number = first; number < last; ++number)
    verdicts.push_back(
        try_canary(what.spec, what.how, seed * 1'000'003 + static_cast<std::uint64_t>(number)));
  return verdicts;
}

std::vector<verdict_on_canary> try_on_all_cores(const study& what, std::int64_t canaries,
                                                std::uint64_t seed) {
  const auto workers = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::future<std::vector<verdict_on_canary>>> parts;
  for (std::int64_t i = 0; i < workers; ++i)
    parts.push_back(std::async(std::launch::async, try_many, std::cref(what),
                               canaries * i / workers, canaries * (i + 1) / workers, seed));
  std::vector<verdict_on_canary> all;
  for (auto& part : parts) {
    const auto verdicts = part.get();
    all.insert(all.end(), verdicts.begin(), verdicts.end());
  }
  return all;
}

double upper_bound(std::int64_t part, std::int64_t whole) {
  if (part == whole)
    return 1.0;
  return boost::math::binomial_distribution<>::find_upper_bound_on_p(
      static_cast<double>(whole), static_cast<double>(part), 1.0 - confidence);
}

}  // namespace

findings carry_out(const study& what, std::int64_t canaries, std::uint64_t seed) {
  std::vector<duration> times;
  for (const auto& each : try_on_all_cores(what, canaries, seed)) {
    if (each.rolled_back)
      times.push_back(each.after);
  }
  std::ranges::sort(times);
  const auto within = [&](duration limit) {
    return std::ranges::upper_bound(times, limit) - times.begin();
  };
  findings found{.canaries = canaries,
                 .rolled_back = static_cast<std::int64_t>(times.size()),
                 .within_5_minutes = within(std::chrono::minutes{5}),
                 .within_an_hour = within(std::chrono::hours{1})};
  found.upper_bound = upper_bound(found.rolled_back, canaries);
  if (!times.empty())
    found.median_time = times[times.size() / 2];
  return found;
}

bool is_met(const study& what, const findings& found) {
  switch (what.wanted) {
    case demand::few_rolled_back:
      return found.upper_bound <= what.spec.analysis.alpha;
    case demand::caught_within_an_hour:
      return share_of(found.within_an_hour, found.canaries) >= wanted_catch;
    case demand::none:
      break;
  }
  return true;
}

}  // namespace canaryd::calibration
