#include "crash_sweep.hpp"

#include <fmt/format.h>

namespace canaryd::simulation {

sweep_result sweep(const scenario& what, loss how, std::uint64_t then_after) {
  sweep_result result;
  const auto undisturbed = play(what.story);
  result.points = undisturbed.points;
  for (const auto& problem : undisturbed.problems)
    result.problems.push_back(fmt::format("{} without a crash: {}", what.name, problem));
  for (std::uint64_t point = 1; point <= undisturbed.points; ++point) {
    auto story = what.story;
    story.crashes = {{point, how}};
    // An upgrade or a downgrade at every other crash.
    story.changes_versions = point % 2 == 0;
    if (then_after > 0)
      story.crashes.push_back({point + then_after, how});
    auto course = play(story);
    if (!what.is_a_race && course.outcomes != undisturbed.outcomes && course.problems.empty())
      course.problems.emplace_back("the crash changed how a job ended");
    for (const auto& problem : course.problems)
      result.problems.push_back(fmt::format("{} crashed at {}: {}", what.name, point, problem));
  }
  return result;
}

}  // namespace canaryd::simulation
