#include "canaryd/daemon/tell/readiness.hpp"

#include <boost/json/array.hpp>

#include <string_view>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

std::string_view ok_or(const std::string& trouble) {
  return trouble.empty() ? std::string_view{"ok"} : std::string_view{trouble};
}

std::int64_t whole_seconds(duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

json::value view_age(const std::optional<duration>& age) {
  return age ? json::value(whole_seconds(*age)) : json::value{};
}

json::object view_platforms(const std::vector<std::pair<std::string, platform_status>>& all) {
  json::object shown;
  for (const auto& [name, each] : all)
    shown[name] =
        json::object{{"api", each.api},
                     {"rate_budget", json::object{{"requests_per_second", each.requests_per_second},
                                                  {"waiting", each.waiting_calls}}},
                     {"stretch", each.stretch},
                     {"token_age_s", view_age(each.token_age)}};
  return shown;
}

}  // namespace

json::object view_readiness(const readiness& checks) {
  return {{"ready", checks.is_ready()},
          {"checks", json::object{{"jobs_resumed", ok_or(checks.jobs_resumed)},
                                  {"token", ok_or(checks.token)},
                                  {"incoming_watched", ok_or(checks.incoming_watched)},
                                  {"jobs_dir", ok_or(checks.jobs_dir)},
                                  {"state_written", ok_or(checks.state_written)},
                                  {"configuration", ok_or(checks.configuration)},
                                  {"deploys_known", ok_or(checks.deploys_known)},
                                  {"jobs_readable", ok_or(checks.jobs_readable)},
                                  {"audit_readable", ok_or(checks.audit_readable)},
                                  {"listening", ok_or(checks.listening)}}}};
}

json::object view_status(const daemon_status& present) {
  json::object jobs;
  for (const auto& [state, count] : present.jobs)
    jobs[state] = count;
  json::array listening;
  for (const auto& place : present.listening)
    listening.push_back(json::value(place));
  auto status = view_readiness(present.checks);
  status["version"] = CANARYD_VERSION;
  status["uptime_s"] = whole_seconds(present.uptime);
  status["jobs"] = std::move(jobs);
  status["queued_audit_records"] = present.queued_records;
  status["api"] = present.api;
  status["rate_budget"] = json::object{{"requests_per_second", present.requests_per_second},
                                       {"waiting", present.waiting_calls}};
  status["stretch"] = present.stretch;
  status["disk_alarm"] = !present.checks.state_written.empty();
  status["token_age_s"] = view_age(present.token_age);
  status["listening"] = std::move(listening);
  status["configuration"] = present.configuration;
  if (!present.platforms.empty())
    status["platforms"] = view_platforms(present.platforms);
  return status;
}

}  // namespace canaryd::daemon
