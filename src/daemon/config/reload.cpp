#include "canaryd/daemon/config/reload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace canaryd::daemon {

namespace {

using text_list = std::vector<std::string>;

void compare(const platform_config& present, const platform_config& wanted, active_jobs jobs,
             bool client_differs, text_list& reasons) {
  const auto refuse_change = [&](bool differs, const char* key) {
    if (jobs.any && differs)
      reasons.push_back(fmt::format(
          "{}.{} cannot change while a job is active: let every canary end, and reload again",
          present.place, key));
  };
  refuse_change(wanted.base_url != present.base_url, "base_url");
  refuse_change(wanted.token_url != present.token_url, "token_url");
  refuse_change(client_differs, "client_id");
  if (jobs.sequential && wanted.window_unit != present.window_unit)
    reasons.push_back(fmt::format(
        "{}.window_unit cannot change while a job with method sequential is active, because it "
        "counts in that unit",
        present.place));
}

}  // namespace

result<config> merge_reload(const config& present, config wanted, const active_by_platform& jobs,
                            const std::set<std::string>& other_clients) {
  text_list reasons;
  for (const auto& [name, was] : present.platforms) {
    const auto found = jobs.find(name);
    const auto active = found == jobs.end() ? active_jobs{} : found->second;
    const auto will_be = wanted.platforms.find(name);
    if (will_be != wanted.platforms.end())
      compare(was, will_be->second, active, other_clients.contains(name), reasons);
    else if (active.any)
      reasons.push_back(fmt::format(
          "{} cannot be removed while one of its jobs is active: let every canary end, and "
          "reload again",
          was.place));
  }
  if (!reasons.empty())
    return failure(fault::refused, fmt::format("{}", fmt::join(reasons, "; ")));
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
