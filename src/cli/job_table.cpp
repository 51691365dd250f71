#include "canaryd/cli/job_table.hpp"

#include "canaryd/cli/table.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace canaryd::cli {
namespace {

std::string step_text(const job_info& job) {
  return job.step == 0 || job.steps.empty() ? "-"
                                            : fmt::format("{}/{}", job.step, job.steps.size());
}

std::string readings_text(const job_info& job) {
  std::string text;
  for (const auto& [verdict, count] : job.readings) {
    if (count > 0 || verdict == "pass")
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  }
  return text.empty() ? "-" : text;
}

std::string next_text(const job_info& job, wall_time now) {
  return job.next_check_at && !has_ended(job) ? time_left(*job.next_check_at - now) : "-";
}

std::string why_text(const job_info& job) {
  return job.reason.empty() ? job.detail : job.reason;
}

// Returns the metrics of all readings in the order in which they first appear.
std::vector<std::string> metric_names(const std::vector<reading_info>& readings) {
  std::vector<std::string> names;
  for (const auto& reading : readings) {
    for (const auto& metric : reading.metrics) {
      if (std::ranges::find(names, metric.name) == names.end())
        names.push_back(metric.name);
    }
  }
  return names;
}

std::string metric_cell(const reading_info& reading, const std::string& name, const style& look) {
  const auto found = std::ranges::find(reading.metrics, name, &metric_info::name);
  if (found == reading.metrics.end())
    return "-";
  const auto colour = found->dry_run             ? tone::faint
                      : found->verdict == "pass" ? tone::plain
                                                 : tone_of(found->verdict);
  return look.paint(colour, values_text(*found));
}

std::string stable_cell(const metric_info& metric) {
  return value_text(metric.stable);
}

// A column beside that of the metric, which not every job needs.
struct side_column {
  const char* heading;
  bool (*has)(const metric_info&);
  std::string (*text)(const metric_info&);
};

constexpr side_column side_columns[] = {
    {"STABLE", [](const metric_info& metric) { return metric.stable.has_value(); }, stable_cell},
    {"EVIDENCE", [](const metric_info& metric) { return metric.evidence.has_value(); },
     evidence_text},
};

std::string side_cell(const reading_info& reading, const std::string& name,
                      const side_column& side) {
  const auto found = std::ranges::find(reading.metrics, name, &metric_info::name);
  return found == reading.metrics.end() ? "-" : side.text(*found);
}

void add_metric_columns(table& shown, const std::vector<reading_info>& readings,
                        const std::string& name, const style& look) {
  shown.headings.push_back(name);
  for (std::size_t i = 0; i < readings.size(); ++i)
    shown.rows[i].push_back(metric_cell(readings[i], name, look));
  for (const auto& side : side_columns) {
    const bool wanted = std::ranges::any_of(readings, [&](const reading_info& reading) {
      return std::ranges::any_of(reading.metrics, [&](const metric_info& metric) {
        return metric.name == name && side.has(metric);
      });
    });
    if (!wanted)
      continue;
    shown.headings.emplace_back(side.heading);
    for (std::size_t i = 0; i < readings.size(); ++i)
      shown.rows[i].push_back(side_cell(readings[i], name, side));
  }
}

// Adds the problem of each reading behind all other columns. Those may take more than one line of
// the terminal. The problem is cut off at the end of the terminal's line on which it begins.
void add_problems(std::vector<std::string>& lines, const std::vector<reading_info>& readings,
                  std::optional<std::size_t> columns, const style& look) {
  if (std::ranges::all_of(readings, &std::string::empty, &reading_info::problem))
    return;
  constexpr std::size_t least_room = 20;
  std::size_t width = 0;
  for (const auto& line : lines)
    width = std::max(width, visible_width(line) + 2);
  auto room = columns ? *columns - width % *columns : std::string::npos;
  if (columns && room < least_room)
    room += *columns;
  lines[0] = pad(lines[0], width) + look.paint(tone::bold, "PROBLEM");
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (!readings[i].problem.empty())
      lines[i + 1] = pad(lines[i + 1], width) + fit(readings[i].problem, room);
  }
}

// Such as "0.012, limit ≤ 0.05", or "0.012/0.05" if it is not known on which side a value breaches.
std::string value_and_limit(const metric_info& metric) {
  const auto value = value_text(metric.value);
  const auto limit = value_text(metric.limit);
  const auto sign = limit_sign(metric);
  return sign.empty() ? fmt::format("{}/{}", value, limit)
                      : fmt::format("{}, limit {} {}", value, sign, limit);
}

// Such as "error_rate: pass 0.012, limit ≤ 0.05, stable 0.01, evidence for 3.1/40".
std::string metric_fact(const metric_info& metric, const style& look) {
  auto text = fmt::format("{}: {} {}", metric.name,
                          look.paint(tone_of(metric.verdict), verdict_text(metric)),
                          value_and_limit(metric));
  if (metric.stable)
    text += ", stable " + value_text(metric.stable);
  if (metric.evidence)
    text += ", evidence " + evidence_text(metric);
  return text;
}

using facts = std::vector<std::pair<std::string, std::string>>;

void add_newest_reading(facts& known, const std::vector<reading_info>& readings,
                        const style& look) {
  if (readings.empty())
    return;
  const auto& newest = readings.back();
  known.emplace_back("Newest",
                     fmt::format("{} at {}", look.paint(tone_of(newest.verdict), newest.verdict),
                                 moment_text(newest.at)));
  if (!newest.problem.empty())
    known.emplace_back("", newest.problem);
  for (const auto& metric : newest.metrics)
    known.emplace_back("", metric_fact(metric, look));
}

std::vector<std::string> render(const facts& known, const style& look) {
  std::size_t width = 0;
  for (const auto& fact : known)
    width = std::max(width, visible_width(fact.first));
  std::vector<std::string> lines;
  for (const auto& [name, value] : known)
    lines.push_back(pad(look.paint(tone::bold, name), width + 2) + value);
  return lines;
}

void collect_facts(const boost::json::value& from, const std::string& name, facts& known) {
  if (const auto* object = from.if_object(); object != nullptr && !object->empty()) {
    for (const auto& [key, value] : *object)
      collect_facts(value, (name.empty() ? "" : name + ".") + text::printable_excerpt(key, 100),
                    known);
    return;
  }
  constexpr std::size_t longest_value = 500;
  const auto text = from.is_null()     ? std::string{"-"}
                    : from.is_string() ? std::string{from.get_string()}
                    : from.is_double() ? value_text(from.get_double())
                                       : text::write_json(from, text::json_layout::compact);
  known.emplace_back(name, text::printable_excerpt(text, longest_value));
}

}  // namespace

std::string time_left(duration left) {
  return text::format_duration(
      std::chrono::ceil<std::chrono::seconds>(std::max(left, duration::zero())));
}

std::string moment_text(const std::optional<wall_time>& when) {
  if (!when)
    return "-";
  auto text = text::format_wall_time(*when);
  text[10] = ' ';
  return text.substr(0, 19) + "Z";
}

std::string percent_text(std::optional<double> share) {
  return share && std::isfinite(*share) ? value_text(share) + " %" : "-";
}

std::vector<std::string> render_jobs(std::vector<job_info> jobs, wall_time now, const style& look) {
  std::ranges::sort(jobs, {},
                    [](const job_info& job) { return std::tuple{has_ended(job), job.job_id}; });
  table shown{
      .headings = {"JOB", "STATE", "STEP", "TRAFFIC", "BOT", "VERSION", "READINGS", "NEXT", "WHY"},
      .rows = {}};
  for (const auto& job : jobs)
    shown.rows.push_back({job.job_id, look.paint(tone_of(job.state), job.state), step_text(job),
                          percent_text(job.traffic), job.bot_id, job.version, readings_text(job),
                          next_text(job, now), why_text(job)});
  return render(shown, look);
}

std::vector<std::string> render_readings(const std::vector<reading_info>& readings,
                                         std::optional<std::size_t> columns, const style& look) {
  const auto names = metric_names(readings);
  table shown{.headings = {"AT", "VERDICT", "WINDOW", "CONVERSATIONS"}, .rows = {}};
  for (const auto& reading : readings)
    shown.rows.push_back({reading.at ? moment_text(reading.at) : reading.at_text,
                          look.paint(tone_of(reading.verdict), reading.verdict),
                          reading.window_s ? value_text(reading.window_s) + "s" : "-",
                          count_text(reading.conversations)});
  for (const auto& name : names)
    add_metric_columns(shown, readings, name, look);
  shown.headings.emplace_back("SOURCE");
  for (std::size_t i = 0; i < readings.size(); ++i)
    shown.rows[i].push_back(readings[i].source.empty() ? "-" : readings[i].source);
  auto lines = render(shown, look);
  add_problems(lines, readings, columns, look);
  return lines;
}

std::vector<std::string> render_job_details(const job_info& job,
                                            const std::vector<reading_info>& readings,
                                            wall_time now, const style& look) {
  facts known{{"Job", job.job_id}};
  if (is_elsewhere(job))
    known.emplace_back("Platform", job.platform);
  known.emplace_back("Bot", job.bot_id);
  known.emplace_back("Environment", job.environment_id);
  known.emplace_back("Version", job.version);
  known.emplace_back("Deployment", job.deployment_id.empty() ? "-" : job.deployment_id);
  known.emplace_back("State", look.paint(tone_of(job.state), job.state));
  if (!job.reason.empty())
    known.emplace_back("Reason", job.reason);
  if (!job.detail.empty())
    known.emplace_back("Detail", job.detail);
  if (const auto command = what_to_do(job); !command.empty())
    known.emplace_back("To do", command);
  known.emplace_back("Step", step_text(job));
  for (std::size_t i = 0; i < job.steps.size(); ++i) {
    const auto& step = job.steps[i];
    known.emplace_back(
        "", fmt::format("{}: {} for {}{}", i + 1, percent_text(step.canary_percent),
                        text::format_duration(step.hold), step.approve ? ", to be approved" : ""));
  }
  known.emplace_back("Traffic", percent_text(job.traffic));
  known.emplace_back("Readings", readings_text(job));
  add_newest_reading(known, readings, look);
  if (!has_ended(job)) {
    known.emplace_back("Next check",
                       next_text(job, now) == "-" ? "-" : "in " + next_text(job, now));
    known.emplace_back("Hold left", job.hold_remaining ? time_left(*job.hold_remaining) : "-");
  }
  known.emplace_back("Started", moment_text(job.started_at));
  known.emplace_back("Ended", moment_text(job.ended_at));
  for (const auto& [key, value] : job.labels)
    known.emplace_back("Label", fmt::format("{}={}", key, value));
  return render(known, look);
}

std::vector<std::string> render_facts(const boost::json::value& from, const style& look) {
  facts known;
  collect_facts(from, "", known);
  return render(known, look);
}

}  // namespace canaryd::cli
