#include "scenarios.hpp"

#include <boost/json.hpp>

namespace canaryd::simulation {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

occurrence drop_at(core::duration at, std::string name, std::string text) {
  return {at, [name = std::move(name), text = std::move(text)](machine& here) {
            here.drop(name + ".json", text);
          }};
}

// A world in which a write that is repeated happens twice.
sim::world_options strict_world() {
  sim::world_options options;
  options.api.honour_idempotency = false;
  options.answer_delay = 50ms;
  options.limit = sim::request_limit{.requests = 1000, .per = 5min, .enforce = true};
  return options;
}

scenario make(std::string name, std::string_view version, std::vector<sim::fault> faults = {}) {
  scenario made{.name = std::move(name)};
  made.story.world = strict_world();
  made.story.world.faults = std::move(faults);
  made.story.occurrences = {drop_at(5s, "job", job_text("bot", version))};
  return made;
}

scenario queue_of_two() {
  auto made = make("queue_of_two", "1.0");
  made.story.occurrences.push_back(drop_at(6s, "second", job_text("bot", "2.0-bad")));
  return made;
}

std::string job_with(std::string_view key, std::string_view value) {
  auto job = json::parse(job_text("bot", "1.0")).as_object();
  job[key] = value;
  return json::serialize(job);
}

scenario with_webhook() {
  auto made = make("webhook", "1.0");
  made.story.occurrences = {
      drop_at(5s, "job", job_with("webhook_url", "https://ci-cd.example.com/hooks/cognigy"))};
  return made;
}

occurrence order_at(core::duration at, std::string job_id, core::command_kind what) {
  return {at, [job_id = std::move(job_id), what](machine& here) { here.order(job_id, what); }};
}

// The operator waits for the job to be in that state, so that it is no matter when a crash was.
occurrence order_in(core::duration at, std::string_view state, core::command_kind what) {
  return {at, [state, what](machine& here) { here.order_in(state, "job", what); }};
}

// Where the daemon is when the command comes depends on when a crash was.
scenario abort_of_a_deploy() {
  auto made = make("abort_deploy", "1.0",
                   {{.kind = fault_kind::slow, .calls = {call::deploy}, .delay = 10s}});
  made.is_a_race = true;
  made.story.occurrences.push_back(order_at(8s, "job", core::command_kind::abort));
  return made;
}

scenario abort_of_a_lost_deploy() {
  auto made = make("abort_lost_deploy", "1.0",
                   {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}});
  made.is_a_race = true;
  made.story.occurrences.push_back(order_at(8s, "job", core::command_kind::abort));
  return made;
}

scenario abort_in_the_queue() {
  auto made = queue_of_two();
  made.name = "abort_queued";
  made.story.occurrences.push_back(order_at(20s, "second", core::command_kind::abort));
  return made;
}

scenario commanded(std::string name, core::command_kind what) {
  auto made = make(std::move(name), "1.0");
  made.story.occurrences.push_back(order_in(45s, "observing", what));
  return made;
}

scenario pause_and_resume() {
  auto made = commanded("pause", core::command_kind::pause);
  made.story.occurrences.push_back(order_in(3min, "paused", core::command_kind::resume));
  return made;
}

scenario pause_forever() {
  auto made = commanded("pause_forever", core::command_kind::pause);
  made.story.occurrences.front() = drop_at(5s, "job", job_with("gate_timeout", "3m"));
  return made;
}

// Early enough that the hold has not ended, whenever a crash was.
scenario operator_promote() {
  auto made = make("operator_promote", "1.0");
  made.story.occurrences.front() = drop_at(5s, "job", job_with("validation_duration", "2m"));
  made.story.occurrences.push_back(order_in(70s, "observing", core::command_kind::promote));
  return made;
}

scenario promoted_by_somebody_else() {
  auto made = make("external_promote", "1.0");
  made.is_a_race = true;
  made.story.occurrences.push_back({45s, [](machine& here) {
                                      if (!here.world().deployments().empty())
                                        (void)here.world().external_promote(
                                            here.world().deployments().front().id, here.now());
                                    }});
  return made;
}

}  // namespace

std::string job_text(std::string_view bot, std::string_view version) {
  return json::serialize(
      json::object{{"bot_id", bot},
                   {"environment_id", "env"},
                   {"version", version},
                   {"traffic_matrix", json::object{{"stable", 90}, {"canary", 10}}},
                   {"max_traffic_percentage", 10},
                   {"validation_interval", "20s"},
                   {"validation_duration", "1m"}});
}

std::vector<scenario> all_scenarios() {
  return {
      make("healthy", "1.0"),
      make("breach", "1.0-bad"),
      make("lost_deploy", "1.0",
           {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}}),
      make("lost_promote", "1.0",
           {{.kind = fault_kind::lost_after, .calls = {call::promote}, .count = 1}}),
      make("lost_rollback", "1.0-bad",
           {{.kind = fault_kind::lost_after, .calls = {call::rollback}, .count = 1}}),
      make("refused_rollback", "1.0-bad",
           {{.kind = fault_kind::status, .calls = {call::rollback}, .count = 2, .status = 409}}),
      make("refused_promote", "1.0",
           {{.kind = fault_kind::status, .calls = {call::promote}, .status = 422}}),
      make("deploy_without_id", "1.0",
           {{.kind = fault_kind::no_id, .calls = {call::deploy}, .count = 1}}),
      make("audit_outage", "1.0-bad",
           {{.kind = fault_kind::status, .calls = {call::audit}, .until = 10min}}),
      make("no_data", "1.0", {{.kind = fault_kind::missing_metric, .calls = {call::metrics}}}),
      make("dead_provider", "1.0", {{.kind = fault_kind::status, .calls = {call::metrics}}}),
      make("stale_token", "1.0",
           {{.kind = fault_kind::unauthorized, .calls = {call::metrics}, .count = 1}}),
      queue_of_two(),
      with_webhook(),
      promoted_by_somebody_else(),
      commanded("abort", core::command_kind::abort),
      abort_of_a_deploy(),
      abort_of_a_lost_deploy(),
      abort_in_the_queue(),
      pause_and_resume(),
      pause_forever(),
      operator_promote(),
  };
}

}  // namespace canaryd::simulation
