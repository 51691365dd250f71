#include "scenario_parts.hpp"
#include <utility>

namespace canaryd::simulation {
namespace {

using namespace std::chrono_literals;
using sim::call;
using sim::fault_kind;

scenario spoiled(std::string name, std::string_view version, const std::string& folder,
                 obstacle what) {
  auto made = make_scenario(std::move(name), version);
  made.story.occurrences.push_back(
      {20s, [folder, what](machine& here) { here.spoil(folder, what); }});
  made.story.occurrences.push_back({4min, [](machine& here) { here.mend_folders(); }});
  return made;
}

scenario slipped_in() {
  auto made = make_scenario("slipped_in", "1.0");
  made.story.occurrences = {
      {5s, [](machine& here) { here.slip_in("job.json", job_text("bot", "1.0")); }}};
  return made;
}

scenario copied(scenario made, duration at) {
  made.story.occurrences.push_back({at, [](machine& here) { here.copy_in_active("job", "copy"); }});
  made.story.occurrences.push_back({3min, [](machine& here) { here.remove_copy("copy"); }});
  return made;
}

}  // namespace

std::vector<scenario> folder_scenarios() {
  return {spoiled("spoiled_done", "1.0", "done", obstacle::loop),
          spoiled("spoiled_active", "1.0", "active", obstacle::link_elsewhere),
          spoiled("spoiled_jobs_dir", "1.0-bad", "", obstacle::file),
          slipped_in(),
          copied(make_scenario("copy_of_a_live_job", "1.0"), 30s),
          copied(make_scenario("copy_of_a_lost_deploy", "1.0",
                               {{.kind = fault_kind::lost_after,
                                 .calls = {call::deploy},
                                 .count = 1,
                                 .delay = 10s}}),
                 8s)};
}

}  // namespace canaryd::simulation
