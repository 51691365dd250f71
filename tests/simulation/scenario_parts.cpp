#include "scenario_parts.hpp"

#include <boost/json.hpp>

#include <utility>

namespace canaryd::simulation {
namespace json = boost::json;
using namespace std::chrono_literals;

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

occurrence drop_at(duration at, std::string name, std::string text) {
  return {at, [name = std::move(name), text = std::move(text)](machine& here) {
            here.drop(name + ".json", text);
          }};
}

sim::world_options strict_world() {
  sim::world_options options;
  options.api.honour_idempotency = false;
  options.answer_delay = 50ms;
  options.limit = sim::request_limit{.requests = 1000, .per = 5min, .enforce = true};
  return options;
}

scenario make_scenario(std::string name, std::string_view version, std::vector<sim::fault> faults) {
  scenario made{.name = std::move(name)};
  made.story.world = strict_world();
  made.story.world.faults = std::move(faults);
  made.story.occurrences = {drop_at(5s, "job", job_text("bot", version))};
  return made;
}

std::string job_with(const json::object& keys, std::string_view version) {
  auto job = json::parse(job_text("bot", version)).as_object();
  for (const auto& [key, value] : keys)
    job[key] = value;
  return json::serialize(job);
}

occurrence order_at(duration at, std::string job_id, canary::command_kind what) {
  return {at, [job_id = std::move(job_id), what](machine& here) { here.order(job_id, what); }};
}

occurrence order_in(duration at, std::string_view state, canary::command_kind what) {
  return {at, [state, what](machine& here) { here.order_in(state, "job", what); }};
}

}  // namespace canaryd::simulation
