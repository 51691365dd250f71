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

scenario with_webhook() {
  auto made = make("webhook", "1.0");
  auto job = json::parse(job_text("bot", "1.0")).as_object();
  job["webhook_url"] = "https://ci-cd.example.com/hooks/cognigy-canary";
  made.story.occurrences = {drop_at(5s, "job", json::serialize(job))};
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
  };
}

}  // namespace canaryd::simulation
