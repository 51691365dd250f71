#include "canaryd/cli/live_view.hpp"

#include "canaryd/cli/job_table.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace canaryd::cli {
namespace {

constexpr std::size_t label_width = 9;
constexpr std::size_t narrowest_spark = 8;
constexpr std::size_t widest_spark = 40;

using lines = std::vector<std::string>;

std::string labelled(std::string_view label, std::string_view text, const style& look) {
  return pad(look.paint(tone::bold, label), label_width) + std::string{text};
}

bool clock_stands_still(const job_info& job) {
  return job.state == "paused" || job.state == "waiting_approval";
}

std::string title_line(const job_info& job, const style& look) {
  return fmt::format("{}  {}  {} in {}{}", look.paint(tone::bold, job.job_id), job.version,
                     job.bot_id, job.environment_id,
                     is_elsewhere(job) ? " on " + job.platform : "");
}

std::string state_line(const job_scene& scene, const style& look) {
  const auto& job = scene.job;
  auto text = look.paint(tone_of(job.state), job.state);
  if (!job.reason.empty())
    text += " (" + job.reason + ")";
  if (!job.detail.empty())
    text += ": " + job.detail;
  if (scene.away)
    text += "   " + look.paint(tone::warning, "daemon away, reconnecting");
  return labelled("State", text, look);
}

void add_what_to_do(lines& view, const job_info& job, const style& look) {
  if (const auto command = what_to_do(job); !command.empty())
    view.push_back(labelled("To do", look.paint(tone::bold, command), look));
}

std::string step_line(const job_info& job, const style& look) {
  std::string text;
  for (std::size_t i = 0; i < job.steps.size(); ++i) {
    const bool current = i + 1 == job.step && !has_ended(job);
    const bool done = i < steps_done(job);
    const auto* mark = done ? "✔" : current ? "●" : "○";
    const auto& step = job.steps[i];
    const auto shown = fmt::format("{} {} {}", mark, percent_text(step.canary_percent),
                                   text::format_duration(step.hold));
    text += (i == 0 ? "" : "  ") + look.paint(current ? tone::bold : tone::faint, shown);
  }
  return labelled(
      "Step",
      fmt::format("{} of {}  {}", job.step, std::max<std::size_t>(1, job.steps.size()), text),
      look);
}

std::string traffic_line(const job_info& job, std::size_t columns, const style& look) {
  if (job.state == "unreadable")
    return labelled("Traffic", "unknown", look);
  const double share = std::clamp(job.traffic.value_or(0), 0.0, 100.0);
  return labelled(
      "Traffic",
      fmt::format("{} {} canary, {} stable",
                  progress_bar(share / 100, std::clamp<std::size_t>(columns / 3, 10, 40)),
                  percent_text(share), percent_text(100 - share)),
      look);
}

std::string bake_line(const job_scene& scene, wall_time now, std::size_t columns,
                      const style& look) {
  const auto& job = scene.job;
  const auto left = hold_left(scene, now);
  if (!left || job.step == 0 || job.step > job.steps.size())
    return labelled("Bake", "-", look);
  const auto hold = std::chrono::duration<double>{job.steps[job.step - 1].hold}.count();
  const auto remaining = std::chrono::duration<double>{*left}.count();
  const double part = hold > 0 ? std::clamp(1 - remaining / hold, 0.0, 1.0) : 0.0;
  auto rest = time_left(*left) + " left";
  if (clock_stands_still(job))
    rest = *left > duration::zero() ? rest + ", clock stopped" : "hold is over";
  return labelled("Bake",
                  fmt::format("{} {:.0f} %, {}",
                              progress_bar(part, std::clamp<std::size_t>(columns / 3, 10, 40)),
                              std::floor(part * 100), rest),
                  look);
}

std::string reading_line(const job_scene& scene, wall_time now, const style& look) {
  std::string text = "none yet";
  if (!scene.readings.empty()) {
    const auto& newest = scene.readings.back();
    text = look.paint(tone_of(newest.verdict), newest.verdict);
    if (newest.conversations)
      text += fmt::format(", {} conversation{}", count_text(newest.conversations),
                          newest.conversations == 1.0 ? "" : "s");
    if (newest.at)
      text +=
          fmt::format(", {} ago", text::format_duration(std::chrono::floor<std::chrono::seconds>(
                                      std::max(duration{now - *newest.at}, duration::zero()))));
  }
  if (scene.job.next_check_at && !has_ended(scene.job))
    text += fmt::format("; next check in {}", time_left(*scene.job.next_check_at - now));
  return labelled("Reading", text, look);
}

void add_problem(lines& view, const job_scene& scene, const style& look) {
  if (!scene.readings.empty() && !scene.readings.back().problem.empty())
    view.push_back(labelled("Problem", scene.readings.back().problem, look));
}

std::string counts_line(const job_info& job, const style& look) {
  std::string text;
  for (const auto& [verdict, count] : job.readings) {
    const auto shown = fmt::format("{} {}", count, verdict);
    text += (text.empty() ? "" : ", ") +
            (count > 0 ? look.paint(tone_of(verdict), shown) : look.paint(tone::faint, shown));
  }
  return labelled("So far", text.empty() ? "-" : text, look);
}

// Returns the metrics of the newest reading that has any.
const std::vector<metric_info>& newest_metrics(const std::vector<reading_info>& readings) {
  static const std::vector<metric_info> none;
  const auto found = std::ranges::find_if(readings.rbegin(), readings.rend(),
                                          [](const auto& each) { return !each.metrics.empty(); });
  return found == readings.rend() ? none : found->metrics;
}

std::vector<std::optional<double>> history_of(const std::vector<reading_info>& readings,
                                              const std::string& name, std::size_t most) {
  std::vector<std::optional<double>> values;
  const auto first = readings.size() > most ? readings.size() - most : 0;
  for (std::size_t i = first; i < readings.size(); ++i) {
    const auto& metrics = readings[i].metrics;
    const auto found = std::ranges::find(metrics, name, &metric_info::name);
    values.push_back(found == metrics.end() ? std::nullopt : found->value);
  }
  return values;
}

// The widest results of value_text and evidence_text, with a space.
constexpr std::size_t number_width = 10;
constexpr std::size_t evidence_width = 17;

struct metric_columns {
  std::size_t name_width = 6;
  // These columns are shown if a metric has something for them and if there is room.
  bool evidence = false;
  bool stable = false;
  std::size_t spark_width = narrowest_spark;
};

metric_columns columns_of(const std::vector<metric_info>& metrics, std::size_t columns) {
  metric_columns chosen;
  for (const auto& metric : metrics)
    chosen.name_width = std::max(chosen.name_width, metric.name.size());
  auto before_spark = chosen.name_width + 2 * number_width + 16;
  const auto takes = [&](bool wanted, std::size_t width) {
    const bool fits = wanted && before_spark + width + narrowest_spark <= columns;
    before_spark += fits ? width : 0;
    return fits;
  };
  const auto any = [&](auto member) {
    return std::ranges::any_of(metrics,
                               [&](const auto& each) { return (each.*member).has_value(); });
  };
  chosen.evidence = takes(any(&metric_info::evidence), evidence_width);
  chosen.stable = takes(any(&metric_info::stable), number_width);
  if (columns > before_spark + narrowest_spark)
    chosen.spark_width = std::min(columns - before_spark, widest_spark);
  return chosen;
}

std::string metric_heading(const metric_columns& shown) {
  return pad("METRIC", shown.name_width + 2) + pad("VALUE", number_width) +
         (shown.stable ? pad("STABLE", number_width) : "") + pad("LIMIT", number_width + 2) +
         pad("VERDICT", number_width) + (shown.evidence ? pad("EVIDENCE", evidence_width) : "") +
         "READINGS";
}

std::string metric_row(const metric_info& metric, const metric_columns& shown,
                       const std::vector<reading_info>& readings, const style& look) {
  const auto colour = metric.dry_run ? tone::faint : tone_of(metric.verdict);
  const auto values = history_of(readings, metric.name, shown.spark_width);
  return pad(metric.name, shown.name_width + 2) +
         pad(look.paint(colour, value_text(metric.value)), number_width) +
         (shown.stable ? pad(value_text(metric.stable), number_width) : "") +
         pad(std::string{limit_sign(metric)}, 2) + pad(value_text(metric.limit), number_width) +
         pad(look.paint(colour, verdict_text(metric)), number_width) +
         (shown.evidence ? pad(evidence_text(metric), evidence_width) : "") +
         look.paint(colour, sparkline(values, metric.limit));
}

void add_metrics(lines& view, const job_scene& scene, view_size size, const style& look) {
  const auto& metrics = newest_metrics(scene.readings);
  if (metrics.empty())
    return;
  // If there are few rows, one more metric is worth more than a blank line.
  if (view.size() + 2 + metrics.size() <= size.rows)
    view.emplace_back();
  const auto shown = columns_of(metrics, size.columns);
  view.push_back(look.paint(tone::bold, metric_heading(shown)));
  for (const auto& metric : metrics)
    view.push_back(metric_row(metric, shown, scene.readings, look));
}

void add_events(lines& view, const job_scene& scene, std::size_t rows, const style& look) {
  // A blank line and the heading need two more rows.
  if (scene.events.empty() || view.size() + 3 > rows)
    return;
  const auto fitting = std::min(scene.events.size(), rows - view.size() - 2);
  view.emplace_back();
  view.push_back(look.paint(tone::bold, "EVENTS"));
  for (auto i = scene.events.size() - fitting; i < scene.events.size(); ++i) {
    const auto& event = scene.events[i];
    view.push_back(look.paint(tone::faint, text::format_wall_time(event.at).substr(11, 8)) + "  " +
                   look.paint(event.colour, event.text));
  }
}

}  // namespace

std::string progress_bar(double part, std::size_t width) {
  static constexpr std::array<const char*, 9> eighths{"░", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
  const auto filled = static_cast<std::size_t>(
      std::lround(std::clamp(part, 0.0, 1.0) * static_cast<double>(width) * 8));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i)
    bar += eighths[std::min<std::size_t>(8, filled > i * 8 ? filled - i * 8 : 0)];
  return bar;
}

std::string sparkline(std::span<const std::optional<double>> values, std::optional<double> limit) {
  static constexpr std::array<const char*, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::optional<double> least = limit;
  std::optional<double> largest = limit;
  for (const auto& value : values) {
    if (!value)
      continue;
    least = std::min(least.value_or(*value), *value);
    largest = std::max(largest.value_or(*value), *value);
  }
  std::string line;
  for (const auto& value : values) {
    if (!value) {
      line += "·";
      continue;
    }
    const double range = *largest - *least;
    const double height = range > 0 ? (*value - *least) / range : 0;
    line += blocks[static_cast<std::size_t>(std::lround(height * 7))];
  }
  return line;
}

std::optional<duration> hold_left(const job_scene& scene, wall_time now) {
  if (!scene.job.hold_remaining || has_ended(scene.job))
    return std::nullopt;
  if (clock_stands_still(scene.job))
    return scene.job.hold_remaining;
  const duration passed = std::max(duration{now - scene.known_at}, duration::zero());
  return std::max(*scene.job.hold_remaining - passed, duration::zero());
}

std::vector<std::string> render_job(const job_scene& scene, wall_time now, view_size size,
                                    const style& look) {
  lines view{title_line(scene.job, look), state_line(scene, look)};
  add_what_to_do(view, scene.job, look);
  view.insert(view.end(),
              {step_line(scene.job, look), traffic_line(scene.job, size.columns, look),
               bake_line(scene, now, size.columns, look), reading_line(scene, now, look)});
  add_problem(view, scene, look);
  view.push_back(counts_line(scene.job, look));
  add_metrics(view, scene, size, look);
  add_events(view, scene, size.rows, look);
  if (view.size() > size.rows)
    view.resize(size.rows);
  for (auto& line : view)
    line = fit(line, size.columns);
  return view;
}

}  // namespace canaryd::cli
