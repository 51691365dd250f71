#include "canaryd/job/job_file.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "job_file_keys.hpp"
#include "job_file_words.hpp"
#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

namespace canaryd::job {
namespace {

constexpr std::array<std::string_view, 5> required_keys{"bot_id", "environment_id", "version",
                                                        "traffic_matrix", "max_traffic_percentage"};

text::rule<std::string> identifier() {
  return text::text_of("1 to 128 characters of A-Z a-z 0-9 . _ : + -", 1, 128,
                       [](std::string_view id) {
                         return std::ranges::all_of(id, [](char c) {
                           return text::is_alphanumeric(c) || std::string_view{"._:+-"}.contains(c);
                         });
                       });
}

text::rule<std::string> label_text() {
  return text::text_of("1 to 63 characters, none of them a control character or direction mark", 1,
                       63UZ * 4, [](std::string_view label) {
                         return text::code_points(label) <= 63 && text::is_printable(label);
                       });
}

text::rule<std::string> platform_name() {
  return text::text_of("1 to 63 characters of a-z 0-9 - _, a letter or digit first", 1, 63,
                       is_platform_name);
}

std::string names_of(const std::map<std::string, platform_rules>& platforms) {
  return fmt::format("{}", fmt::join(platforms | std::views::keys, ", "));
}

void read_platform(text::json_fields& in, job& into, const job_rules& rules) {
  const bool is_named = in.read("platform", into.platform, platform_name());
  if (is_named && !rules.platforms.empty() && !rules.platforms.contains(into.platform))
    in.complain("platform", fmt::format("there is no platform {}, allowed is one of {}",
                                        into.platform, names_of(rules.platforms)));
  if (!is_named && rules.platforms.size() == 1)
    into.platform = rules.platforms.begin()->first;
}

// Requires that the platform has been read.
platform_rules rules_for(const job& read, const job_rules& rules) {
  const auto found = rules.platforms.find(read.platform);
  if (found != rules.platforms.end())
    return found->second;
  return {.webhook_secret_configured = rules.webhook_secret_configured,
          .window_unit = rules.window_unit};
}

void read_required_keys(text::json_fields& in, job& into) {
  in.require("bot_id", into.bot_id, identifier());
  in.require("environment_id", into.environment_id, identifier());
  in.require("version", into.version, identifier());
  in.require("max_traffic_percentage", into.max_traffic_percentage,
             text::number_in({.min = 1, .max = 100}));
}

void read_labels(text::json_fields& in, job& into) {
  constexpr std::size_t max_labels = 16;
  auto labels = in.object("labels");
  if (!labels)
    return;
  if (labels->members().size() > max_labels)
    labels->complain("", fmt::format("found {} labels, allowed are at most {}",
                                     labels->members().size(), max_labels));
  const auto allowed = label_text();
  for (const auto& member : labels->members()) {
    std::string value;
    if (!allowed.read(boost::json::value(member.key())))
      labels->complain(member.key(), "the key of a label: allowed is " + allowed.allowed);
    if (labels->read(member.key(), value, allowed))
      into.labels.emplace_back(member.key(), std::move(value));
  }
}

// Reads the keys that may be left out, and so may be in the configuration's defaults.
void read_optional_keys(text::json_fields& in, job& into, const job_rules& rules) {
  read_platform(in, into, rules);
  const auto of_platform = rules_for(into, rules);
  if (auto limits = in.object("rollback_thresholds"))
    read_limits(*limits, into.rollback_thresholds);
  in.read("enable_metric_aggregation", into.enable_metric_aggregation, text::boolean());
  in.read("webhook_url", into.webhook_url, text::https_url());
  if (!into.webhook_url.empty() && !of_platform.webhook_secret_configured)
    in.complain("webhook_url",
                fmt::format("no webhook secret is configured ({}.webhook_secret_file)",
                            place_of_platform(into.platform)));
  read_times(in, into, rules.min_interval);
  read_steps(in, into);
  in.read("window_minutes", into.window, text::whole_number(1, 1440));
  in.read("min_conversations", into.min_conversations, text::whole_number(0, 1'000'000'000));
  in.read("failure_limit", into.failure_limit, text::whole_number(1, 1000));
  in.read("no_data_limit", into.no_data_limit, text::whole_number(0, 1000));
  in.read("provider_error_limit", into.provider_error_limit, text::whole_number(1, 1000));
  in.read("on_inconclusive", into.on_inconclusive, text::one_of(inconclusive_words()));
  in.read("approve_promotion", into.approve_promotion, text::boolean());
  read_analysis(in, into.analysis);
  read_labels(in, into);
  check_window_units(in, into, of_platform.window_unit);
}

job read_job(const boost::json::object& file, const job_rules& rules,
             text::problem_list& problems) {
  text::json_fields in{file, "", problems};
  job read;
  read_required_keys(in, read);
  read_optional_keys(in, read, rules);
  if (rules.platforms.size() > 1 && !file.contains("platform"))
    in.complain("platform", "missing, required if there are several platforms: one of " +
                                names_of(rules.platforms));
  read_traffic_matrix(in, read);
  check_duration(in, read);
  check_holds(in, read);
  if (read.validation_interval < rules.min_interval && in.is_sound("validation_interval"))
    in.complain("validation_interval",
                fmt::format("missing, and its default of {} is shorter than the {} allowed",
                            text::format_duration(read.validation_interval),
                            text::format_duration(rules.min_interval)));
  allow_schema(in);
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

bool is_platform_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && is_plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '-' || c == '_'; });
}

std::string place_of_platform(const std::string& name) {
  return name == default_platform ? "api" : "platforms." + name;
}

std::expected<job, text::problem_list> parse_job_file(std::string_view bytes,
                                                      const job_rules& rules) {
  return text::read_json_file(bytes, max_job_file_bytes,
                              [&](const boost::json::object& file, text::problem_list& problems) {
                                return read_job(with_defaults(file, rules.defaults), rules,
                                                problems);
                              });
}

text::problem_list check_job_defaults(job_rules rules) {
  const auto defaults = std::exchange(rules.defaults, {});
  // A webhook_url without a secret is refused in the job file that takes it over, not here.
  rules.webhook_secret_configured = true;
  for (auto& [name, each] : rules.platforms)
    each.webhook_secret_configured = true;
  text::problem_list problems;
  text::json_fields in{defaults, "/defaults", problems};
  for (const auto key : required_keys)
    in.forbid(key, "has no default: every job file has to set it");
  job read;
  read_optional_keys(in, read, rules);
  // If only one of the two is a default, a file may still set the other.
  if (defaults.contains("validation_interval")) {
    if (defaults.contains("validation_duration"))
      check_duration(in, read);
    check_holds(in, read);
  }
  in.refuse_unknown_keys();
  return problems;
}

}  // namespace canaryd::job
