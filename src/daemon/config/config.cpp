#include "canaryd/daemon/config/config.hpp"

#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

#include <fmt/format.h>

#include "config_rules.hpp"
#include <sys/un.h>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using text::json_fields;

constexpr duration moment = 1ms;

// Reads a key that may be null, which means the same as leaving it out.
template <class Target, class T>
bool read_or_null(json_fields& in, std::string_view key, Target& target, text::rule<T> allowed) {
  std::optional<T> found;
  if (!in.read(key, found, text::nullable(std::move(allowed))) || !found)
    return false;
  target = *std::move(found);
  return true;
}

void refuse_plain_secrets(json_fields& in) {
  for (const std::string_view key : {"client_secret", "webhook_secret"})
    in.forbid(key, fmt::format("a secret is never written into the configuration: put it into a "
                               "file and name that as {}_file",
                               key));
}

void read_credentials(json_fields& in, platform_config& api,
                      std::string_view credentials_directory) {
  const bool has_id = read_or_null(in, "client_id", api.client_id, client_id());
  const bool has_id_file = read_or_null(in, "client_id_file", api.client_id_file, absolute_path());
  const bool sound = in.is_sound("client_id") && in.is_sound("client_id_file");
  if (has_id && has_id_file)
    in.complain("client_id_file", "allowed is one of client_id and client_id_file");
  else if (sound && !has_id && !has_id_file && credentials_directory.empty())
    in.complain("client_id", "missing, required is client_id or client_id_file");

  if (!credentials_directory.empty()) {
    if (!has_id && !has_id_file)
      api.client_id_file = fmt::format("{}/client_id", credentials_directory);
    api.client_secret_file = fmt::format("{}/client_secret", credentials_directory);
    api.webhook_secret_file = fmt::format("{}/webhook_secret", credentials_directory);
    api.webhook_secret_is_optional = true;
  }
  read_or_null(in, "client_secret_file", api.client_secret_file, absolute_path());
  if (read_or_null(in, "webhook_secret_file", api.webhook_secret_file, absolute_path()))
    api.webhook_secret_is_optional = false;
  if (api.client_secret_file.empty() && in.is_sound("client_secret_file"))
    in.complain("client_secret_file",
                "missing, required is an absolute path: systemd passes no credentials here");
  refuse_plain_secrets(in);
}

void read_calls(json_fields& in, platform::deployments::call_table& calls) {
  auto entries = in.object("calls");
  if (!entries)
    return;
  for (std::size_t i = 0; i < platform::call_count; ++i) {
    const auto which = static_cast<platform::call>(i);
    const std::string name{platform::to_string(which)};
    if (!platform::parse_call(name))
      continue;
    auto entry = entries->object(name);
    if (!entry)
      continue;
    auto& shape = calls[which];
    entry->read("method", shape.method, word({"GET", "POST", "PUT", "PATCH", "DELETE"}));
    entry->read("path", shape.path, call_path());
    entry->refuse_unknown_keys();
    const auto wrong = platform::deployments::find_problem(which, shape);
    if (wrong && entries->is_sound(name))
      entries->complain(name, *wrong);
  }
  entries->refuse_unknown_keys();
}

void read_rate_limit(json_fields& in, platform::deployments::rate_limit& limit) {
  auto inner = in.object("rate_limit");
  if (!inner)
    return;
  inner->read("requests", limit.requests, text::whole_number(1, 1'000'000));
  inner->read("per", limit.per, text::duration_in(1s, 24h));
  inner->refuse_unknown_keys();
}

void read_api(json_fields& in, platform_config& api, std::string_view credentials_directory) {
  in.read("base_url", api.base_url, base_url());
  while (api.base_url.ends_with('/'))
    api.base_url.pop_back();
  in.read("token_url", api.token_url, api_url());
  read_credentials(in, api, credentials_directory);
  in.read_list("scopes", api.scopes, 1, 32, scope());
  read_or_null(in, "ca_file", api.ca_file, absolute_path());
  read_or_null(in, "proxy", api.proxy, proxy_url());
  in.read("connect_timeout", api.connect_timeout, text::duration_in(moment, 5min));
  in.read("request_timeout", api.request_timeout, text::duration_in(moment, 10min));
  in.read("max_connections", api.max_connections, text::whole_number(1, 1000));
  read_rate_limit(in, api.rate_limit);
  in.read("window_unit", api.window_unit, text::one_of<char>({{"m", 'm'}, {"s", 's'}}));
  read_or_null(in, "fallback_metrics_url", api.fallback_metrics_url, api_url());
  read_calls(in, api.calls);
  in.refuse_unknown_keys();
}

void read_places(json_fields& in, config& into) {
  // The kernel's limit on the name of a socket, which ends in a zero byte.
  constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;
  in.read("jobs_dir", into.jobs_dir, absolute_path());
  in.read("state_dir", into.state_dir, absolute_path());
  if (into.jobs_dir == into.state_dir)
    in.complain("state_dir", "the same as jobs_dir: operators write there, and here only canaryd");
  in.read("control_socket", into.control_socket, absolute_path(max_socket_path));
  read_or_null(in, "http_listen", into.http_listen, listening_place());
}

void read_log(json_fields& in, log_config& log) {
  in.read("level", log.level, word({"debug", "info", "warning", "error", "critical"}));
  in.read("target", log.target, word({"auto", "journal", "stderr"}));
  in.refuse_unknown_keys();
}

void read_limits(json_fields& in, limits_config& limits) {
  in.read("min_interval", limits.min_interval, text::duration_in(moment, 1h));
  in.read("max_active_jobs", limits.max_active_jobs, text::whole_number(1, 1'000'000));
  in.read("max_stretch", limits.max_stretch, text::number_in({.min = 1, .max = 1000}));
  in.read("max_job_series", limits.max_job_series, text::whole_number(0, 100'000));
  in.refuse_unknown_keys();
}

config read_config(const boost::json::object& file, std::string_view credentials_directory,
                   text::problem_list& problems) {
  json_fields in{file, "", problems};
  config read;
  if (auto api = in.require_object("api"))
    read_api(*api, read.api, credentials_directory);
  read_places(in, read);
  if (auto log = in.object("log"))
    read_log(*log, read.log);
  if (auto limits = in.object("limits"))
    read_limits(*limits, read.limits);
  if (auto defaults = in.object("defaults")) {
    read.defaults = defaults->members();
    for (auto& each : job::check_job_defaults(make_job_rules(read, true))) {
      if (problems.size() < text::max_problems)
        problems.push_back(std::move(each));
    }
  }
  in.read("retention", read.retention, text::duration_in(1h, 3650 * 24h));
  text::allow_schema(in);
  in.refuse_unknown_keys();
  return read;
}

}  // namespace

std::expected<config, text::problem_list> parse_config(std::string_view bytes,
                                                       std::string_view credentials_directory) {
  return text::read_json_file(bytes, max_config_bytes,
                              [&](const boost::json::object& file, text::problem_list& problems) {
                                return read_config(file, credentials_directory, problems);
                              });
}

job::job_rules make_job_rules(const config& from, bool webhook_secret_configured) {
  return {.min_interval = from.limits.min_interval,
          .webhook_secret_configured = webhook_secret_configured,
          .window_unit = platform::deployments::length_of(from.api.window_unit),
          .defaults = from.defaults};
}

}  // namespace canaryd::daemon
