#include "canaryd/daemon/config/reload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace canaryd::daemon {

result<config> merge_reload(const config& present, config wanted, active_jobs jobs,
                            bool client_id_differs) {
  std::vector<std::string> reasons;
  const auto refuse_change = [&](bool differs, const char* key) {
    if (jobs.any && differs)
      reasons.push_back(fmt::format(
          "api.{} cannot change while a job is active: let every canary end, and reload again",
          key));
  };
  refuse_change(wanted.api.base_url != present.api.base_url, "base_url");
  refuse_change(wanted.api.token_url != present.api.token_url, "token_url");
  refuse_change(client_id_differs, "client_id");
  if (jobs.sequential && wanted.api.window_unit != present.api.window_unit)
    reasons.emplace_back(
        "api.window_unit cannot change while a job with method sequential is active, because it "
        "counts in that unit");
  if (!reasons.empty())
    return std::unexpected{
        error{.kind = fault::refused, .text = fmt::format("{}", fmt::join(reasons, "; "))}};
  wanted.jobs_dir = present.jobs_dir;
  wanted.state_dir = present.state_dir;
  wanted.control_socket = present.control_socket;
  wanted.http_listen = present.http_listen;
  return wanted;
}

std::vector<std::string> keys_that_need_restart(const config& present, const config& wanted) {
  std::vector<std::string> keys;
  const auto compare = [&](const char* key, bool differs) {
    if (differs)
      keys.emplace_back(key);
  };
  compare("jobs_dir", wanted.jobs_dir != present.jobs_dir);
  compare("state_dir", wanted.state_dir != present.state_dir);
  compare("control_socket", wanted.control_socket != present.control_socket);
  compare("http_listen", wanted.http_listen != present.http_listen);
  return keys;
}

}  // namespace canaryd::daemon
