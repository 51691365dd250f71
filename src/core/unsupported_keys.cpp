#include "canaryd/core/json_rules.hpp"
#include "canaryd/core/text.hpp"

#include "job_file_keys.hpp"
#include <algorithm>
#include <string>

namespace canaryd::core {
namespace {

constexpr double largest_alpha = 0.5;

void not_supported(json_fields& in, std::string_view key) {
  in.complain(key, "not supported by this version");
}

rule<std::string> metric_name() {
  return text_of("the name of a metric, 1 to 128 characters of A-Z a-z 0-9 _ . -", 1, 128,
                 [](std::string_view name) {
                   return std::ranges::all_of(name, [](char c) {
                     return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
                   });
                 });
}

void read_steps(json_fields& in) {
  const auto* steps = in.array("steps", 1, 20);
  if (steps == nullptr)
    return;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    auto step = in.element("steps", *steps, i);
    if (!step)
      continue;
    double canary = 0;
    duration hold{};
    bool approve = false;
    step->require("canary", canary, number_in({.min = 0, .max = 100, .above_min = true}));
    step->read("hold", hold, duration_in(std::chrono::milliseconds{1}));
    step->read("approve", approve, boolean());
    step->refuse_unknown_keys();
  }
  not_supported(in, "steps");
}

// A word of which this version knows only the default.
void read_word(json_fields& in, std::string_view key, std::string_view supported,
               std::vector<std::pair<std::string, std::string>> words) {
  std::string word{supported};
  in.read(key, word, one_of<std::string>(std::move(words)));
  if (word != supported)
    not_supported(in, key);
}

void read_flag(json_fields& in, std::string_view key) {
  bool set = false;
  in.read(key, set, boolean());
  if (set)
    not_supported(in, key);
}

void read_failure_limits(json_fields& in) {
  auto limits = in.object("failure_limits");
  if (!limits)
    return;
  std::int64_t count = 0;
  for (const auto& member : limits->members())
    limits->read(member.key(), count, whole_number(1, 1000));
  if (!limits->members().empty())
    not_supported(in, "failure_limits");
}

void read_checks(json_fields& in) {
  const auto* checks = in.array("checks", 0, 16);
  if (checks == nullptr || checks->empty())
    return;
  for (std::size_t i = 0; i < checks->size(); ++i) {
    auto check = in.element("checks", *checks, i);
    if (!check)
      continue;
    std::string metric;
    double limit = 0;
    check->require("metric", metric, metric_name());
    const bool max = check->find("max") != nullptr;
    const bool min = check->find("min") != nullptr;
    check->read("max", limit, number_in({}));
    check->read("min", limit, number_in({}));
    check->refuse_unknown_keys();
    if (max == min)
      check->complain("", "allowed is one of max and min");
  }
  not_supported(in, "checks");
}

void read_analysis(json_fields& in) {
  read_word(in, "method", "threshold", {{"threshold", "threshold"}, {"sequential", "sequential"}});
  read_word(in, "compare_to", "limit",
            {{"limit", "limit"}, {"stable", "stable"}, {"both", "both"}});
  // Without effect where readings are held against limits.
  double number = 0;
  in.read("alpha", number, number_in({.min = 0, .max = largest_alpha, .above_min = true}));
  in.read("tolerated_ratio", number, number_in({.min = 1}));
  read_word(in, "promote_when", "not_worse", {{"not_worse", "not_worse"}, {"proven", "proven"}});
  read_flag(in, "promote_early");
  if (auto limits = in.object("hard_limits")) {
    thresholds hard;
    read_thresholds(*limits, hard);
    if (!limits->members().empty())
      not_supported(in, "hard_limits");
  }
  read_failure_limits(in);
  std::vector<std::string> metrics;
  in.read_list("dry_run", metrics, 0, 16, metric_name());
  if (!metrics.empty())
    not_supported(in, "dry_run");
  read_checks(in);
  in.refuse_unknown_keys();
}

}  // namespace

void refuse_unsupported_keys(json_fields& in) {
  read_steps(in);
  read_flag(in, "approve_promotion");
  if (auto analysis = in.object("analysis"))
    read_analysis(*analysis);
}

}  // namespace canaryd::core
