#include "canaryd/daemon/live_events.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/core/json_write.hpp"
#include "canaryd/core/wall_text.hpp"
#include "canaryd/daemon/job_view.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

std::string line_of(const json::object& data) {
  return core::write_json(data, core::json_layout::compact);
}

std::string_view word_of(core::severity level) {
  switch (level) {
    case core::severity::debug:
      return "debug";
    case core::severity::info:
      return "info";
    case core::severity::warning:
      return "warning";
    case core::severity::error:
      return "error";
    case core::severity::critical:
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
  auto view = view_reading(*job.canary.newest);
  view["job_id"] = job.canary.job_id;
  events.publish("reading", job.canary.job_id, line_of(view));
}

void publish_log(event_hub& events, core::severity level, std::string_view text,
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
  line["at"] = core::format_wall_time(async::clock::wall_now());
  line["level"] = word_of(level);
  line["text"] = text;
  if (!job_id.empty())
    line["job_id"] = job_id;
  events.publish("log", job_id, line_of(line));
}

}  // namespace canaryd::daemon
