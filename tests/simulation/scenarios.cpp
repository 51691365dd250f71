#include "scenarios.hpp"

#include "scenario_parts.hpp"
#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

scenario queue_of_two() {
  auto made = make_scenario("queue_of_two", "1.0");
  // Late enough that the first is taken before it, even if a crash loses the event.
  made.story.occurrences.push_back(drop_at(15s, "second", job_text("bot", "2.0-bad")));
  return made;
}

scenario with_webhook() {
  auto made = make_scenario("webhook", "1.0");
  made.story.occurrences = {
      drop_at(5s, "job", job_with({{"webhook_url", "https://ci-cd.example.com/hooks/cognigy"}}))};
  return made;
}

// The time of a crash decides what the daemon is doing when the command comes.
scenario abort_of_a_deploy() {
  auto made = make_scenario("abort_deploy", "1.0",
                            {{.kind = fault_kind::slow, .calls = {call::deploy}, .delay = 10s}});
  made.is_a_race = true;
  made.story.occurrences.push_back(order_at(8s, "job", canary::command_kind::abort));
  return made;
}

scenario abort_of_a_lost_deploy() {
  auto made =
      make_scenario("abort_lost_deploy", "1.0",
                    {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}});
  made.is_a_race = true;
  made.story.occurrences.push_back(order_at(8s, "job", canary::command_kind::abort));
  return made;
}

scenario abort_in_the_queue() {
  auto made = queue_of_two();
  made.name = "abort_queued";
  made.story.occurrences.push_back(order_at(20s, "second", canary::command_kind::abort));
  return made;
}

scenario commanded(std::string name, canary::command_kind what) {
  auto made = make_scenario(std::move(name), "1.0");
  made.story.occurrences.push_back(order_in(45s, "observing", what));
  return made;
}

scenario pause_and_resume() {
  auto made = commanded("pause", canary::command_kind::pause);
  made.story.occurrences.push_back(order_in(3min, "paused", canary::command_kind::resume));
  return made;
}

scenario pause_forever() {
  auto made = commanded("pause_forever", canary::command_kind::pause);
  made.story.occurrences.front() = drop_at(5s, "job", job_with({{"gate_timeout", "3m"}}));
  return made;
}

// Early enough that the hold has not ended, whenever the crash was.
scenario operator_promote() {
  auto made = make_scenario("operator_promote", "1.0");
  made.story.occurrences.front() = drop_at(5s, "job", job_with({{"validation_duration", "2m"}}));
  made.story.occurrences.push_back(order_in(70s, "observing", canary::command_kind::promote));
  return made;
}

scenario promoted_by_somebody_else() {
  auto made = make_scenario("external_promote", "1.0");
  made.is_a_race = true;
  made.story.occurrences.push_back({45s, [](machine& here) {
                                      if (!here.world().deployments().empty())
                                        (void)here.world().external_promote(
                                            here.world().deployments().front().id, here.now());
                                    }});
  return made;
}

// An answer takes longer than the job's interval, so one poll must wait for the other.
scenario slow_api() {
  auto made = make_scenario("slow_api", "1.0");
  made.story.world.answer_delay = 25s;
  made.story.prepare = [](machine& here) {
    here.settings().api().max_connections = 1;
    here.seen().excuse_lateness();
  };
  made.story.api_never_failed = true;
  return made;
}

}  // namespace

std::vector<scenario> all_scenarios() {
  std::vector<scenario> all{
      make_scenario("healthy", "1.0"),
      make_scenario("breach", "1.0-bad"),
      make_scenario("lost_deploy", "1.0",
                    {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}}),
      make_scenario("lost_promote", "1.0",
                    {{.kind = fault_kind::lost_after, .calls = {call::promote}, .count = 1}}),
      make_scenario("lost_rollback", "1.0-bad",
                    {{.kind = fault_kind::lost_after, .calls = {call::rollback}, .count = 1}}),
      make_scenario(
          "refused_rollback", "1.0-bad",
          {{.kind = fault_kind::status, .calls = {call::rollback}, .count = 2, .status = 409}}),
      make_scenario("refused_promote", "1.0",
                    {{.kind = fault_kind::status, .calls = {call::promote}, .status = 422}}),
      make_scenario("deploy_without_id", "1.0",
                    {{.kind = fault_kind::no_id, .calls = {call::deploy}, .count = 1}}),
      make_scenario("audit_outage", "1.0-bad",
                    {{.kind = fault_kind::status, .calls = {call::audit}, .until = 10min}}),
      make_scenario("no_data", "1.0",
                    {{.kind = fault_kind::missing_metric, .calls = {call::metrics}}}),
      make_scenario("dead_provider", "1.0",
                    {{.kind = fault_kind::status, .calls = {call::metrics}}}),
      make_scenario("stale_token", "1.0",
                    {{.kind = fault_kind::unauthorized, .calls = {call::metrics}, .count = 1}}),
      make_scenario("one_request_connections", "1.0", {{.kind = fault_kind::lost_on_reuse}}),
      make_scenario("one_request_connections_breach", "1.0-bad",
                    {{.kind = fault_kind::lost_on_reuse}}),
      make_scenario("hurried_promote", "1.0",
                    {{.kind = fault_kind::status,
                      .calls = {call::promote},
                      .count = 5,
                      .retry_after_text = "0"}}),
      queue_of_two(),
      with_webhook(),
      promoted_by_somebody_else(),
      commanded("abort", canary::command_kind::abort),
      abort_of_a_deploy(),
      abort_of_a_lost_deploy(),
      abort_in_the_queue(),
      pause_and_resume(),
      pause_forever(),
      operator_promote(),
      slow_api(),
  };
  std::ranges::move(step_scenarios(), std::back_inserter(all));
  std::ranges::move(answer_scenarios(), std::back_inserter(all));
  std::ranges::move(folder_scenarios(), std::back_inserter(all));
  return all;
}

}  // namespace canaryd::simulation
