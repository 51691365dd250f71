#include "canaryd/core/job_file.hpp"

#include "canaryd/core/json_fields.hpp"
#include "canaryd/core/json_rules.hpp"
#include "canaryd/core/text.hpp"

#include <fmt/format.h>

#include "job_file_keys.hpp"
#include <algorithm>
#include <array>
#include <cmath>

namespace canaryd::core {
namespace {

constexpr std::array<std::string_view, 5> required_keys{"bot_id", "environment_id", "version",
                                                        "traffic_matrix", "max_traffic_percentage"};

rule<std::string> identifier() {
  return text_of("1 to 128 characters of A-Z a-z 0-9 . _ : + -", 1, 128, [](std::string_view id) {
    return std::ranges::all_of(
        id, [](char c) { return is_alphanumeric(c) || std::string_view{"._:+-"}.contains(c); });
  });
}

rule<std::string> label_text() {
  return text_of("1 to 63 characters, none of them a control character", 1, 63UZ * 4,
                 [](std::string_view label) {
                   return code_points(label) <= 63 && std::ranges::none_of(label, is_control);
                 });
}

// Shares as people write them sum to 100 only nearly: 33.3 and 66.6.
bool is_nearly(double value, double target) {
  constexpr double tolerance = 0.1;
  constexpr double rounding_of_the_sum = 1e-9;
  return std::abs(value - target) <= tolerance + rounding_of_the_sum;
}

// Says where the two shares do not make up the whole.
void check_sum(json_fields& in, double stable, double canary) {
  const double sum = stable + canary;
  if (is_nearly(sum, 100))
    return;
  if (std::abs(sum - 1) < 0.002)
    in.complain("",
                "stable and canary sum to 1: percentages are meant, not fractions (95 and 5, "
                "not 0.95 and 0.05)");
  else
    in.complain("", fmt::format("stable and canary sum to {}, allowed is 100 (± 0.1)",
                                shortest_decimal(std::round(sum * 1e6) / 1e6)));
}

void read_traffic_matrix(json_fields& in, job& into) {
  // A file with steps says its shares there.
  auto matrix = in.find("steps") == nullptr ? in.require_object("traffic_matrix")
                                            : in.object("traffic_matrix");
  if (!matrix)
    return;
  auto& canary = into.steps.front().canary_percent;
  const bool has_stable =
      matrix->require("stable", into.stable_percent, number_in({.min = 0, .max = 100}));
  const bool has_canary =
      matrix->require("canary", canary, number_in({.min = 0, .max = 100, .above_min = true}));
  matrix->refuse_unknown_keys();
  if (has_stable && has_canary)
    check_sum(*matrix, into.stable_percent, canary);
  const bool comparable = has_canary && in.is_sound("max_traffic_percentage");
  if (comparable && canary > into.max_traffic_percentage)
    matrix->complain(
        "canary",
        fmt::format("found {}, allowed is at most max_traffic_percentage, here {}",
                    shortest_decimal(canary), shortest_decimal(into.max_traffic_percentage)));
}

void read_required_keys(json_fields& in, job& into) {
  in.require("bot_id", into.bot_id, identifier());
  in.require("environment_id", into.environment_id, identifier());
  in.require("version", into.version, identifier());
  in.require("max_traffic_percentage", into.max_traffic_percentage,
             number_in({.min = 1, .max = 100}));
  read_traffic_matrix(in, into);
}

void read_times(json_fields& in, job& into, duration min_interval) {
  constexpr duration moment = std::chrono::milliseconds{1};
  in.read("validation_interval", into.validation_interval,
          duration_in(std::max(min_interval, moment)));
  in.read("validation_duration", into.validation_duration, duration_in(moment));
  into.max_extension = into.validation_duration;
  in.read("max_extension", into.max_extension, duration_in(duration::zero()));
  in.read("gate_timeout", into.gate_timeout, duration_in(moment));
  into.steps.front().hold = into.validation_duration;
}

void check_times(json_fields& in, const job& read) {
  if (!in.is_sound("validation_interval") || !in.is_sound("validation_duration"))
    return;
  if (read.validation_duration < read.validation_interval)
    in.complain("validation_duration",
                fmt::format("found {}, allowed is at least validation_interval, here {}",
                            format_duration(read.validation_duration),
                            format_duration(read.validation_interval)));
}

void read_labels(json_fields& in, job& into) {
  constexpr std::size_t max_labels = 16;
  auto labels = in.object("labels");
  if (!labels)
    return;
  if (labels->members().size() > max_labels)
    labels->complain(
        "", fmt::format("found {} labels, allowed are {}", labels->members().size(), max_labels));
  const auto allowed = label_text();
  for (const auto& member : labels->members()) {
    std::string value;
    if (!allowed.read(boost::json::value(member.key())))
      labels->complain(member.key(), "the key of a label: allowed is " + allowed.allowed);
    else if (labels->read(member.key(), value, allowed))
      into.labels.emplace_back(member.key(), std::move(value));
  }
}

// Everything that may be left out, and so may be in the configuration's defaults.
void read_optional_keys(json_fields& in, job& into, const job_rules& rules) {
  if (auto limits = in.object("rollback_thresholds"))
    read_thresholds(*limits, into.rollback_thresholds);
  in.read("enable_metric_aggregation", into.enable_metric_aggregation, boolean());
  in.read("webhook_url", into.webhook_url, https_url());
  if (!into.webhook_url.empty() && !rules.webhook_secret_configured)
    in.complain("webhook_url", "no webhook secret is configured (api.webhook_secret_file)");
  read_times(in, into, rules.min_interval);
  in.read("window_minutes", into.window, whole_number(1, 1440));
  in.read("min_conversations", into.min_conversations, whole_number(0, 1'000'000'000));
  in.read("failure_limit", into.failure_limit, whole_number(1, 1000));
  in.read("no_data_limit", into.no_data_limit, whole_number(0, 1000));
  in.read("provider_error_limit", into.provider_error_limit, whole_number(1, 1000));
  in.read("on_inconclusive", into.on_inconclusive,
          one_of<inconclusive_rule>({{"extend", inconclusive_rule::extend},
                                     {"rollback", inconclusive_rule::rollback},
                                     {"promote", inconclusive_rule::promote}}));
  read_labels(in, into);
  refuse_unsupported_keys(in);
}

job read_job(const boost::json::object& file, const job_rules& rules, problem_list& problems) {
  json_fields in{file, "", problems};
  job read;
  read.steps.resize(1);
  read_required_keys(in, read);
  read_optional_keys(in, read, rules);
  check_times(in, read);
  if (read.validation_interval < rules.min_interval && in.is_sound("validation_interval"))
    in.complain("validation_interval",
                fmt::format("missing, and its default of {} is shorter than the {} allowed",
                            format_duration(read.validation_interval),
                            format_duration(rules.min_interval)));
  in.refuse_unknown_keys();
  return read;
}

boost::json::object with_defaults(boost::json::object file, const boost::json::object& defaults) {
  for (const auto& [key, value] : defaults) {
    const auto [member, added] = file.emplace(key, value);
    auto* inner = member->value().if_object();
    if (!added && inner != nullptr && value.is_object())
      *inner = with_defaults(std::move(*inner), value.get_object());
  }
  return file;
}

}  // namespace

void read_thresholds(json_fields& in, thresholds& into) {
  in.read("error_rate", into.error_rate, number_in({.min = 0, .max = 1}));
  in.read("satisfaction_score", into.satisfaction_score, number_in({.min = 0, .max = 5}));
  in.read("max_latency_ms", into.max_latency_ms, number_in({.min = 0, .above_min = true}));
  in.refuse_unknown_keys();
}

std::expected<job, problem_list> parse_job_file(std::string_view bytes, const job_rules& rules) {
  return read_json_file(bytes, max_job_file_bytes,
                        [&](const boost::json::object& file, problem_list& problems) {
                          return read_job(with_defaults(file, rules.defaults), rules, problems);
                        });
}

problem_list check_job_defaults(const boost::json::object& defaults, duration min_interval) {
  problem_list problems;
  json_fields in{defaults, "/defaults", problems};
  for (const auto key : required_keys)
    in.forbid(key, "has no default: every job file says it itself");
  job read;
  read.steps.resize(1);
  read_optional_keys(
      in, read, {.min_interval = min_interval, .webhook_secret_configured = true, .defaults = {}});
  // A file may still give the other of the two.
  if (defaults.contains("validation_interval") && defaults.contains("validation_duration"))
    check_times(in, read);
  in.refuse_unknown_keys();
  return problems;
}

}  // namespace canaryd::core
