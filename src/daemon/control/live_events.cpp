#include "canaryd/daemon/control/live_events.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/daemon/control/job_json.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

std::string line_of(const json::object& data) {
  return text::write_json(data, text::json_layout::compact);
}

std::string_view word_of(severity level) {
  switch (level) {
    case severity::debug:
      return "debug";
    case severity::info:
      return "info";
    case severity::warning:
      return "warning";
    case severity::error:
      return "error";
    case severity::critical:
      return "critical";
  }
  return {};
}

}  // namespace

void publish_state(event_hub& events, const store::job_record& job) {
  if (!events.has_listeners())
    return;
  const auto view = view_job(job.spec, job.canary, {async::clock::now(), async::clock::wall_now()});
  events.publish("state", job.canary.job_id, line_of(view));
}

void publish_reading(event_hub& events, const store::job_record& job) {
  if (!events.has_listeners() || !job.canary.newest)
    return;
  auto view = view_reading(*job.canary.newest, job.spec.analysis.checks);
  view["job_id"] = job.canary.job_id;
  events.publish("reading", job.canary.job_id, line_of(view));
}

void publish_log(event_hub& events, severity level, std::string_view text,
                 std::span<const field> fields) {
  if (!events.has_listeners())
    return;
  json::object line;
  std::string_view job_id;
  for (const auto& [key, value, in_line] : fields) {
    if (key == "job")
      job_id = value;
    else if (!value.empty())
      line[key] = value;
  }
  line["at"] = text::format_wall_time(async::clock::wall_now());
  line["level"] = word_of(level);
  line["text"] = text;
  if (!job_id.empty())
    line["job_id"] = job_id;
  events.publish("log", job_id, line_of(line));
}

}  // namespace canaryd::daemon
