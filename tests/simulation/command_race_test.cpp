// A command arrives after an answer, but before the canary has processed that answer.
#include <gtest/gtest.h>

#include "simulated_daemon.hpp"

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;

std::size_t count_of(std::string_view piece, std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + 1))
    ++count;
  return count;
}

// Aborts a canary `turns` turns of the loop after that time since its deploy. Returns false if the
// loop had fewer turns in the following seconds.
bool aborts_after(duration since_deploy, int turns) {
  simulated_daemon daemon;
  daemon.start();
  daemon.drop("job.json", simulated_daemon::job("1.0"));
  while (daemon.world().deployments().empty())
    daemon.run_for(1s);
  daemon.run_for(since_deploy);
  int turn = 0;
  daemon.time().on_turn([&] { return ++turn == turns; });
  daemon.run_for(4s);
  const bool was_busy = daemon.time().is_stopped();
  daemon.time().on_turn({});
  daemon.time().resume();
  daemon.host().command("job", {.what = canary::command_kind::abort, .actor = "operator(1000)"});
  EXPECT_EQ(daemon.result_of("job").at("reason"), "operator_abort") << turns;
  const auto readings = canary::total(daemon.host().stored_job("job").canary.readings);
  EXPECT_EQ(count_of("verdict=", daemon.log_text()), static_cast<std::size_t>(readings)) << turns;
  return was_busy;
}

TEST(command_race, an_answer_that_an_abort_overtakes_is_nobodys) {
  for (const auto before_a_reading : {28s, 58s}) {
    int turns = 1;
    while (aborts_after(before_a_reading, turns))
      ++turns;
    // From the time when the poll is due until its answer.
    EXPECT_GT(turns, 5);
  }
}

}  // namespace
}  // namespace canaryd::simulation
