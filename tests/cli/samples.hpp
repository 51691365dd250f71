// What a daemon tells of a job.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace canaryd::cli {

// A job at its first step of two, in `state`.
inline std::string job_json(std::string_view id, std::string_view state,
                            std::string_view reason = "") {
  return fmt::format(
      R"({{"job_id":"{}","bot_id":"bot_orders","environment_id":"env_prod","version":"2.1.0",
"deployment_id":"dep-17","status":"{}","reason":{},"final_metrics":null,
"started_at":"2026-03-01T09:00:00.000Z","ended_at":null,
"steps":[{{"canary":5,"hold":"5m"}},{{"canary":25,"hold":"10m"}}],
"readings":{{"pass":3,"breach":0,"no_data":1,"provider_error":0}},"labels":{{"team":"orders"}},
"state":"{}","step":1,"traffic":5,"next_check_at":"2026-03-01T09:02:18.000Z",
"hold_remaining_s":150,"detail":""}})",
      id, state, reason.empty() ? "null" : fmt::format("\"{}\"", reason), state);
}

inline std::string reading_json(std::string_view id, std::string_view at, double error_rate,
                                std::string_view verdict) {
  return fmt::format(
      R"({{"job_id":"{}","at":"{}","verdict":"{}","source":"primary","window_s":60,
"conversations":401,"metrics":{{"error_rate":{{"value":{},"limit":0.05,"worse":"higher","verdict":"{}"}},
"satisfaction_score":{{"value":4.4,"limit":3.5,"worse":"lower","verdict":"pass"}},
"avg_latency_ms":{{"value":321,"limit":1500,"worse":"higher","verdict":"pass"}}}}}})",
      id, at, verdict, error_rate, verdict);
}

// A reading of the sequential method: evidence and the other arm for the error rate, a latency that
// is past its limit without effect, and a check.
inline std::string evidence_json(std::string_view id, std::string_view at, double against,
                                 double within) {
  return fmt::format(
      R"({{"job_id":"{}","at":"{}","verdict":"pass","source":"primary","window_s":60,
"conversations":401,"metrics":{{"error_rate":{{"value":0.012,"limit":0.05,"worse":"higher","verdict":"pass",
"stable":0.0105,"evidence":{{"against":{},"within":{},"needed":40,"trials":401,"events":5,
"rounding":0.1}}}},
"avg_latency_ms":{{"value":1612,"limit":1500,"worse":"higher","verdict":"breach","dry_run":true}},
"escalation_rate":{{"value":0.04,"limit":0.1,"worse":"higher","verdict":"pass"}}}}}})",
      id, at, against, within);
}

// The same from a daemon of a former version, which does not say on which side a limit is passed.
inline std::string without_sides(std::string json) {
  for (const std::string_view member : {R"("worse":"higher",)", R"("worse":"lower",)"}) {
    for (auto at = json.find(member); at != std::string::npos; at = json.find(member))
      json.erase(at, member.size());
  }
  return json;
}

// A poll that brought nothing, and why.
inline std::string failed_poll_json(std::string_view id, std::string_view at,
                                    std::string_view problem) {
  return fmt::format(
      R"({{"job_id":"{}","at":"{}","verdict":"provider_error","source":null,"window_s":60,
"conversations":null,"problem":"{}","metrics":{{}}}})",
      id, at, problem);
}

// On one line, as an event's data.
inline std::string on_one_line(std::string json) {
  std::erase(json, '\n');
  return json;
}

}  // namespace canaryd::cli
