#include "canaryd/daemon/options.hpp"

namespace canaryd::daemon {

net::https_options make_https_options(const config& from) {
  net::https_options options;
  options.ca_file = from.api.ca_file;
  options.proxy = from.api.proxy;
  options.connect_timeout = from.api.connect_timeout;
  // All connections that are in use may become idle at the same time.
  options.max_idle = from.api.max_connections + 2;
  return options;
}

platform::budget_options make_budget_options(const config& from) {
  return {.requests = from.api.rate_limit.requests,
          .per = from.api.rate_limit.per,
          .max_connections = from.api.max_connections,
          // Without this, a daemon that restarts again and again would exceed the rate.
          .begins_used_up = true};
}

platform::token_options make_token_options(const config& from, const secrets& keys) {
  return {.token_url = from.api.token_url,
          .client_id = keys.client_id,
          .client_secret = keys.client_secret,
          .scopes = from.api.scopes,
          .request_timeout = from.api.request_timeout};
}

platform::platform_options make_platform_options(const config& from) {
  return {.calls = from.api.calls,
          .scopes = from.api.scopes,
          .window_unit = from.api.window_unit,
          .fallback_metrics_url = from.api.fallback_metrics_url,
          .request_timeout = from.api.request_timeout};
}

supervisor_options make_supervisor_options(const config& from) {
  const auto& metrics_path = from.api.calls[platform::call::metrics].path;
  return {.max_active_jobs = from.limits.max_active_jobs,
          .max_stretch = from.limits.max_stretch,
          .by_environment = metrics_path.find("{environment_id}") != std::string::npos};
}

}  // namespace canaryd::daemon
