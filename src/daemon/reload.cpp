#include "canaryd/daemon/reload.hpp"

#include "canaryd/daemon/log.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

std::unexpected<core::error> refuse(std::string text) {
  return std::unexpected{core::error{.kind = core::fault::refused, .text = std::move(text)}};
}

template <class T>
void keep(const char* key, const T& present, T& wanted) {
  if (wanted == present)
    return;
  wanted = present;
  log(core::severity::warning, core::topic::needs_restart, "a change of this needs a restart",
      {{"key", key}});
}

}  // namespace

core::result<config> merge_reload(const config& present, config wanted, active_jobs jobs,
                                  bool client_id_differs) {
  const bool api_differs = wanted.api.base_url != present.api.base_url ||
                           wanted.api.token_url != present.api.token_url || client_id_differs;
  if (jobs.any && api_differs)
    return refuse("base_url, token_url and client_id cannot change while a job is active");
  if (jobs.sequential && wanted.api.window_unit != present.api.window_unit)
    return refuse(
        "window_unit cannot change while a job with method sequential is active: it counts in it");
  keep("jobs_dir", present.jobs_dir, wanted.jobs_dir);
  keep("state_dir", present.state_dir, wanted.state_dir);
  keep("control_socket", present.control_socket, wanted.control_socket);
  keep("http_listen", present.http_listen, wanted.http_listen);
  return wanted;
}

}  // namespace canaryd::daemon
