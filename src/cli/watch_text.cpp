#include "watch_text.hpp"

#include "canaryd/cli/job_table.hpp"
#include "canaryd/cli/json_members.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace canaryd::cli {

wall_time wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string state_text(const job_info& job) {
  auto text = job.state;
  if (job.step > 0 && !has_ended(job))
    text += fmt::format(", step {} of {}", job.step, std::max<std::size_t>(1, job.steps.size()));
  if (job.traffic)
    text += fmt::format(", {} of the traffic", percent_text(job.traffic));
  if (!job.reason.empty())
    text += ", " + job.reason;
  if (!job.detail.empty())
    text += ": " + job.detail;
  if (const auto command = what_to_do(job); !command.empty())
    text += "; " + command;
  return text;
}

noted_event note_of(const job_info& job) {
  return {.at = wall_now(), .text = state_text(job), .colour = tone_of(job.state)};
}

noted_event note_of(const reading_info& reading) {
  return {.at = reading.at.value_or(wall_now()),
          .text = "reading " + describe(reading),
          .colour = reading.verdict == "pass" ? tone::plain : tone_of(reading.verdict)};
}

noted_event note_of_log(const boost::json::value& data) {
  const auto level = text_of(data, "level");
  const bool bad = level == "critical" || level == "error";
  return {.at = text::parse_wall_time(text_of(data, "at")).value_or(wall_now()),
          .text = level + (level.empty() ? "" : " ") + text_of(data, "text"),
          .colour = bad                  ? tone::bad
                    : level == "warning" ? tone::warning
                                         : tone::plain};
}

bool is_worth_a_line(const boost::json::value& data) {
  return text_of(data, "level") != "debug" && !text_of(data, "text").starts_with("reading");
}

void write_event(const output& to, const noted_event& event, std::string_view job_id) {
  write_lines(to,
              {fmt::format("{} {}{}{}", text::format_wall_time(event.at), job_id,
                           job_id.empty() ? "" : " ", to.look.paint(event.colour, event.text))});
}

void write_event(const output& to, std::string_view name, const boost::json::value& data) {
  write_document(to, boost::json::object{{"event", name}, {"data", data}});
}

}  // namespace canaryd::cli
