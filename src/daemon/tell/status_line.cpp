#include "canaryd/daemon/tell/status_line.hpp"

#include "canaryd/canary/canary.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

namespace canaryd::daemon {
namespace {

using canary::canary_state;

constexpr std::array live_states{canary_state::deploying, canary_state::observing,
                                 canary_state::paused,    canary_state::waiting_approval,
                                 canary_state::promoting, canary_state::rolling_back};

// Watching a canary is the usual state, so the line does not mention it.
constexpr std::array<std::pair<canary_state, std::string_view>, 6> worth_saying{
    {{canary_state::deploying, "deploying"},
     {canary_state::paused, "paused"},
     {canary_state::waiting_approval, "waiting for approval"},
     {canary_state::promoting, "promoting"},
     {canary_state::rolling_back, "rolling back"},
     {canary_state::queued, "queued"}}};

}  // namespace

std::string status_line(const std::array<std::size_t, canary::state_count>& counts,
                        std::string_view api, const readiness& checks) {
  const auto count_of = [&](canary_state state) {
    return counts.at(static_cast<std::size_t>(state));
  };
  std::size_t live = 0;
  for (const auto state : live_states)
    live += count_of(state);
  std::string line = "no canaries";
  if (live > 0)
    line = fmt::format("{} {}", live, live == 1 ? "canary" : "canaries");
  for (const auto& [state, word] : worth_saying) {
    if (count_of(state) > 0)
      fmt::format_to(std::back_inserter(line), ", {} {}", count_of(state), word);
  }
  fmt::format_to(std::back_inserter(line), ", {}", api);
  // /readyz has the details.
  const auto add_where = [&line](const std::string& trouble, std::string_view words) {
    if (!trouble.empty())
      fmt::format_to(std::back_inserter(line), ", {}", words);
  };
  add_where(checks.state_written, "the state cannot be written");
  add_where(checks.jobs_dir, checks.jobs_dir);
  add_where(checks.incoming_watched, "incoming/ is not watched");
  add_where(checks.jobs_readable, "a canary is unreadable and not watched");
  add_where(checks.audit_readable, "an audit record is unreadable");
  add_where(checks.token, "no access token");
  add_where(checks.configuration, "the configuration file is refused");
  return line;
}

}  // namespace canaryd::daemon
