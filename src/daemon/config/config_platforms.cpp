#include "config_platforms.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "config_rules.hpp"
#include <utility>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using text::json_fields;

void refuse_plain_secrets(json_fields& in) {
  for (const std::string_view key : {"client_secret", "webhook_secret"})
    in.forbid(key, fmt::format("a secret is never written into the configuration: put it into a "
                               "file and name that as {}_file",
                               key));
}

// The names of credentials begin with `prefix`.
void read_credentials(json_fields& in, platform_config& api, std::string_view credentials_directory,
                      std::string_view prefix) {
  const bool has_id = read_or_null(in, "client_id", api.client_id, client_id());
  const bool has_id_file = read_or_null(in, "client_id_file", api.client_id_file, absolute_path());
  const bool sound = in.is_sound("client_id") && in.is_sound("client_id_file");
  if (has_id && has_id_file)
    in.complain("client_id_file", "allowed is one of client_id and client_id_file");
  else if (sound && !has_id && !has_id_file && credentials_directory.empty())
    in.complain("client_id", "missing, required is client_id or client_id_file");

  if (!credentials_directory.empty()) {
    if (!has_id && !has_id_file)
      api.client_id_file = fmt::format("{}/{}client_id", credentials_directory, prefix);
    api.client_secret_file = fmt::format("{}/{}client_secret", credentials_directory, prefix);
    api.webhook_secret_file = fmt::format("{}/{}webhook_secret", credentials_directory, prefix);
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

void read_deployments(json_fields& in, platform_config& api, std::string_view credentials_directory,
                      std::string_view prefix) {
  in.read("base_url", api.base_url, base_url());
  while (api.base_url.ends_with('/'))
    api.base_url.pop_back();
  in.read("token_url", api.token_url, api_url());
  read_credentials(in, api, credentials_directory, prefix);
  in.read_list("scopes", api.scopes, 1, 32, scope());
  read_or_null(in, "ca_file", api.ca_file, absolute_path());
  read_or_null(in, "proxy", api.proxy, proxy_url());
  in.read("connect_timeout", api.connect_timeout, text::duration_in(shortest, 5min));
  in.read("request_timeout", api.request_timeout, text::duration_in(shortest, 10min));
  in.read("max_connections", api.max_connections, text::whole_number(1, 1000));
  read_rate_limit(in, api.rate_limit);
  in.read("window_unit", api.window_unit, text::one_of<char>({{"m", 'm'}, {"s", 's'}}));
  read_or_null(in, "fallback_metrics_url", api.fallback_metrics_url, api_url());
  read_calls(in, api.calls);
  in.refuse_unknown_keys();
}

void read_named(json_fields& all, const std::string& name, config& into,
                std::string_view credentials_directory) {
  if (!job::is_platform_name(name)) {
    all.find(name);
    return all.complain(name,
                        "the name of a platform: allowed are 1 to 63 characters of a-z 0-9 - "
                        "_, a letter or digit first");
  }
  auto entry = all.object(name);
  if (!entry)
    return;
  if (into.platforms.contains(name))
    return all.complain(name, "this name is taken: the key api is the platform of that name");
  platform_config read{.place = job::place_of_platform(name)};
  std::string driver;
  entry->require("driver", driver, word({"deployments"}));
  read_deployments(*entry, read, credentials_directory, name + ".");
  into.platforms.emplace(name, std::move(read));
}

}  // namespace

void read_platforms(json_fields& in, config& into, std::string_view credentials_directory) {
  into.platforms.clear();
  auto named = in.object("platforms");
  const bool has_named = named && !named->members().empty();
  if (auto api = has_named ? in.object("api") : in.require_object("api"))
    read_deployments(*api, into.platforms[job::default_platform], credentials_directory, "");
  if (!named)
    return;
  for (const auto& member : named->members())
    read_named(*named, std::string{member.key()}, into, credentials_directory);
}

}  // namespace canaryd::daemon
