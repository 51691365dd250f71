#include "crash_sweep.hpp"

#include <fmt/format.h>

namespace canaryd::simulation {

sweep_result sweep(const scenario& what, loss how, std::uint64_t then_after, const sample& which) {
  sweep_result result;
  const auto undisturbed = play(what.story);
  for (const auto& problem : undisturbed.problems)
    result.problems.push_back(fmt::format("{} without a crash: {}", what.name, problem));
  for (auto point = 1 + which.first; point <= undisturbed.points; point += which.every) {
    auto story = what.story;
    story.crashes = {{point, how}};
    // An upgrade or a downgrade at every other crash.
    story.changes_versions = result.points++ % 2 != 0;
    if (then_after > 0)
      story.crashes.push_back({point + then_after, how});
    auto course = play(story);
    if (!what.is_a_race && course.outcomes != undisturbed.outcomes && course.problems.empty())
      course.problems.emplace_back("the crash changed how a job ended");
    for (const auto& problem : course.problems)
      result.problems.push_back(fmt::format("{} crashed at {}{}: {}", what.name, point,
                                            story.changes_versions ? " with --other-version" : "",
                                            problem));
  }
  return result;
}

}  // namespace canaryd::simulation
