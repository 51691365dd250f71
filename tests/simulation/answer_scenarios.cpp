// Scenarios about the answers of ordinary servers: ids, lists and pages of many shapes, and
// promotes that are accepted and done later or never.
#include "scenario_parts.hpp"
#include <utility>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

scenario shaped(std::string name, sim::answer_shapes shapes, std::vector<sim::fault> faults = {}) {
  auto made = make_scenario(std::move(name), "1.0", std::move(faults));
  made.story.world.api.shapes = shapes;
  return made;
}

// Other deployments of this bot fill the pages before the one that the daemon looks for.
scenario lost_deploy_on_a_later_page(std::string name, sim::page_shape pages) {
  auto made = shaped(std::move(name), {.page_size = 2, .pages = pages},
                     {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}});
  made.story.occurrences.insert(made.story.occurrences.begin(),
                                {1s, [](machine& here) {
                                   auto& world = here.world();
                                   for (const auto* version : {"0.1", "0.2", "0.3", "0.4"}) {
                                     const auto id = world.external_deploy("bot", "env", version,
                                                                           5.0, here.now());
                                     (void)world.external_rollback(id, here.now());
                                   }
                                 }});
  return made;
}

scenario numeric_ids(std::string name, std::vector<sim::fault> faults) {
  auto made = make_scenario(std::move(name), "1.0", std::move(faults));
  made.story.world.api.traffic.numeric_ids = true;
  return made;
}

scenario promoted_after(std::string name, duration delay, std::vector<sim::fault> faults = {}) {
  auto made = make_scenario(std::move(name), "1.0", std::move(faults));
  made.story.world.api.promote_delay = delay;
  return made;
}

// The canary goes bad after the promote is accepted and before it is done. If a crash delays the
// decision to promote, the canary goes bad before that.
scenario breach_after_an_accepted_promote() {
  auto made = promoted_after(
      "breach_after_accepted_promote", duration::max(),
      {{.kind = fault_kind::status, .calls = {call::get_deployment}, .from = 1min, .until = 2min}});
  made.story.world.api.traffic.profiles = {
      {.version = "1.0", .from = 62s, .what = {.error_rate = 0.9}}};
  return made;
}

}  // namespace

std::vector<scenario> answer_scenarios() {
  using enum sim::empty_shape;
  return {
      shaped("odd_lists", {.lists = sim::list_shape::bare, .empty_lists = null, .odd_items = true},
             {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}}),
      shaped("empty_lists_without_content", {.empty_lists = no_content},
             {{.kind = fault_kind::lost_before, .calls = {call::deploy}, .count = 1}}),
      lost_deploy_on_a_later_page("lost_deploy_on_a_later_page", sim::page_shape::url),
      lost_deploy_on_a_later_page("lost_deploy_behind_a_cursor", sim::page_shape::cursor),
      lost_deploy_on_a_later_page("lost_deploy_behind_a_link", sim::page_shape::link),
      numeric_ids("numeric_ids",
                  {{.kind = fault_kind::lost_after, .calls = {call::deploy}, .count = 1}}),
      promoted_after("accepted_promote", 8s),
      promoted_after("accepted_promote_that_never_happens", duration::max()),
      promoted_after("lost_accepted_promote", 8s,
                     {{.kind = fault_kind::lost_after, .calls = {call::promote}, .count = 1}}),
      breach_after_an_accepted_promote(),
  };
}

}  // namespace canaryd::simulation
