// Scenarios about steps, gates and the sequential method, for the crash sweep.
#include <boost/json/array.hpp>

#include "scenario_parts.hpp"
#include <utility>

namespace canaryd::simulation {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

json::array three_steps() {
  return {json::object{{"canary", 10}, {"hold", "40s"}},
          json::object{{"canary", 25}, {"hold", "40s"}},
          json::object{{"canary", 50}, {"hold", "40s"}}};
}

json::object stepped() {
  return {{"steps", three_steps()},
          {"traffic_matrix", json::object{{"stable", 90}, {"canary", 10}}},
          {"max_traffic_percentage", 50}};
}

// There are many conversations per minute, so that the result does not depend on chance.
json::object judged_by_evidence(std::string_view compare_to) {
  auto keys = stepped();
  keys["analysis"] = json::object{{"method", "sequential"},
                                  {"compare_to", compare_to},
                                  {"tolerated_ratio", 2},
                                  {"promote_when", "proven"}};
  return keys;
}

scenario with_job(std::string name, const json::object& keys, std::string_view version = "1.0",
                  std::vector<sim::fault> faults = {}) {
  auto made = make_scenario(std::move(name), version, std::move(faults));
  made.story.occurrences.front() = drop_at(5s, "job", job_with(keys, version));
  return made;
}

scenario steps(std::string name, std::vector<sim::fault> faults = {}) {
  return with_job(std::move(name), stepped(), "1.0", std::move(faults));
}

scenario sequential() {
  auto made = with_job("sequential", judged_by_evidence("both"));
  // With this seed, the canary has about as many errors as the stable arm.
  made.story.world.api.traffic.seed = 2;
  return made;
}

// A poll is under way when the new share is confirmed, so its answer is about the old share.
scenario slow_polls(std::string name, bool has_gate) {
  auto keys = judged_by_evidence("limit");
  keys["analysis"].as_object()["promote_when"] = "not_worse";
  if (has_gate)
    keys["steps"].as_array()[1].as_object()["approve"] = true;
  const auto change = has_gate ? 1s : 32s;
  auto made =
      with_job(std::move(name), keys, "1.0",
               {{.kind = fault_kind::slow, .calls = {call::metrics}, .delay = 14s},
                {.kind = fault_kind::slow, .calls = {call::change_traffic}, .delay = change}});
  if (has_gate)
    made.story.occurrences.push_back(
        order_in(45s, "waiting_approval", canary::command_kind::approve));
  return made;
}

// The canary goes bad while its traffic is being raised.
scenario breach_in_a_step() {
  auto made = steps("breach_in_a_step",
                    {{.kind = fault_kind::slow, .calls = {call::change_traffic}, .delay = 25s}});
  made.story.world.api.traffic.profiles = {
      {.version = "1.0", .from = 42s, .what = {.error_rate = 0.3}}};
  return made;
}

scenario gated(std::string name, bool is_opened) {
  auto keys = stepped();
  keys["steps"].as_array().back().as_object()["approve"] = true;
  keys["gate_timeout"] = "3m";
  auto made = with_job(std::move(name), keys);
  if (is_opened)
    made.story.occurrences.push_back(
        order_in(30s, "waiting_approval", canary::command_kind::approve));
  return made;
}

scenario gate_before_the_promote() {
  auto made = with_job("approve_promotion", {{"approve_promotion", true}});
  made.story.occurrences.push_back(
      order_in(30s, "waiting_approval", canary::command_kind::approve));
  return made;
}

// An outage that hits both arms alike.
scenario outage() {
  auto made = with_job("sequential_outage", judged_by_evidence("stable"));
  made.story.world.api.traffic.profiles = {{.at = 1min, .what = {.error_rate = 0.2}}};
  return made;
}

scenario proven_early() {
  auto keys = judged_by_evidence("limit");
  keys["analysis"].as_object()["promote_early"] = true;
  // Long enough that no restart finds the hold at its end.
  keys.erase("steps");
  keys["validation_duration"] = "10m";
  return with_job("sequential_early", keys);
}

}  // namespace

std::vector<scenario> step_scenarios() {
  return {
      steps("steps"),
      steps("lost_step",
            {{.kind = fault_kind::lost_after, .calls = {call::change_traffic}, .count = 1}}),
      steps("step_not_done",
            {{.kind = fault_kind::lost_before, .calls = {call::change_traffic}, .count = 1}}),
      steps("refused_step",
            {{.kind = fault_kind::status, .calls = {call::change_traffic}, .status = 422}}),
      breach_in_a_step(),
      slow_polls("slow_polls", false),
      slow_polls("slow_polls_at_a_gate", true),
      gated("gate", true),
      gated("gate_that_nobody_opens", false),
      gate_before_the_promote(),
      sequential(),
      with_job("sequential_breach", judged_by_evidence("limit"), "1.0-bad"),
      outage(),
      proven_early(),
  };
}

}  // namespace canaryd::simulation
