#include "canaryd/daemon/config/config.hpp"

#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"

#include <fmt/format.h>

#include "config_platforms.hpp"
#include "config_rules.hpp"
#include <sys/un.h>

namespace canaryd::daemon {
namespace {

using namespace std::chrono_literals;
using text::json_fields;

void read_folders(json_fields& in, config& into) {
  // This is the kernel's limit on the name of a socket, without the zero byte at its end.
  constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;
  in.read("jobs_dir", into.jobs_dir, absolute_path());
  in.read("state_dir", into.state_dir, absolute_path());
  if (into.jobs_dir == into.state_dir)
    in.complain(
        "state_dir",
        "this is the same as jobs_dir, but operators write there, and only canaryd may write here");
  in.read("control_socket", into.control_socket, absolute_path(max_socket_path));
  read_or_null(in, "http_listen", into.http_listen, listening_address());
}

void read_log(json_fields& in, log_config& log) {
  in.read("level", log.level, word({"debug", "info", "warning", "error", "critical"}));
  in.read("target", log.target, word({"auto", "journal", "stderr"}));
  in.refuse_unknown_keys();
}

void read_audit(json_fields& in, audit_config& audit) {
  using delivery::audit_sink;
  in.read("file", audit.file, absolute_path());
  if (audit.file.ends_with('/'))
    in.complain("file", "the name of a folder, required is that of a file");
  in.read_list("sinks", audit.sinks, 1, 2,
               text::one_of<audit_sink>({{"api", audit_sink::api}, {"file", audit_sink::file}}));
  if (audit.sinks.size() == 2 && audit.sinks.front() == audit.sinks.back())
    in.complain("sinks", "the same sink twice");
  in.refuse_unknown_keys();
}

void read_limits(json_fields& in, limits_config& limits) {
  in.read("min_interval", limits.min_interval, text::duration_in(shortest, 1h));
  in.read("max_active_jobs", limits.max_active_jobs, text::whole_number(1, 1'000'000));
  in.read("max_stretch", limits.max_stretch, text::number_in({.min = 1, .max = 1000}));
  in.read("max_job_series", limits.max_job_series, text::whole_number(0, 100'000));
  in.refuse_unknown_keys();
}

}  // namespace

config read_config(const boost::json::object& object, std::string_view credentials_directory,
                   text::problem_list& problems) {
  json_fields in{object, "", problems};
  config read;
  read_platforms(in, read, credentials_directory);
  read_folders(in, read);
  if (auto audit = in.object("audit"))
    read_audit(*audit, read.audit);
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

std::expected<config, text::problem_list> parse_config(std::string_view bytes,
                                                       std::string_view credentials_directory) {
  return text::read_json_file(bytes, max_config_bytes,
                              [&](const boost::json::object& file, text::problem_list& problems) {
                                return read_config(file, credentials_directory, problems);
                              });
}

std::string usual_platform(const config& from) {
  return from.platforms.size() == 1 ? from.platforms.begin()->first : job::default_platform;
}

job::job_rules make_job_rules(const config& from, bool webhook_secret_configured) {
  job::job_rules rules{.min_interval = from.limits.min_interval,
                       .webhook_secret_configured = webhook_secret_configured,
                       .defaults = from.defaults};
  for (const auto& [name, each] : from.platforms)
    rules.platforms[name] = {.webhook_secret_configured = webhook_secret_configured,
                             .window_unit = platform::deployments::length_of(each.window_unit)};
  if (const auto usual = rules.platforms.find(usual_platform(from)); usual != rules.platforms.end())
    rules.window_unit = usual->second.window_unit;
  return rules;
}

}  // namespace canaryd::daemon
