#include "canaryd/judge/reading_json.hpp"

#include "canaryd/text/described.hpp"
#include "canaryd/text/enum_word.hpp"

namespace canaryd::judge {
namespace json = boost::json;
namespace {

json::object evidence_to_json(const test_evidence& gathered) {
  json::object written;
  text::each_field(gathered,
                   [&](const char* name, const auto& field) { written.emplace(name, field); });
  return written;
}

bool read_number(const json::value* found, double& into) {
  if (found == nullptr || !found->is_number())
    return false;
  into = found->to_number<double>();
  return true;
}

bool read_number(const json::value* found, std::int64_t& into) {
  if (found == nullptr || !found->is_int64())
    return false;
  into = found->get_int64();
  return true;
}

// Absent and null mean that there is no value. Returns false for anything else that is not a
// number.
bool read_optional(const json::value* found, std::optional<double>& into) {
  if (found == nullptr || found->is_null())
    return true;
  return read_number(found, into.emplace());
}

bool read_flag(const json::value* found, bool& into) {
  if (found == nullptr)
    return true;
  if (!found->is_bool())
    return false;
  into = found->get_bool();
  return true;
}

bool read_verdict(const json::value* found, verdict& into) {
  if (found == nullptr || !found->is_string())
    return false;
  const auto outcome = text::from_word<verdict>(found->get_string());
  into = outcome.value_or(verdict::no_data);
  return outcome.has_value();
}

bool read_worse(const json::value* found, std::optional<job::worse_side>& into) {
  if (found == nullptr)
    return true;
  if (!found->is_string())
    return false;
  into = text::from_word<job::worse_side>(found->get_string());
  return true;
}

bool read_evidence(const json::value* found, std::optional<test_evidence>& into) {
  if (found == nullptr)
    return true;
  const auto* members = found->if_object();
  if (members == nullptr)
    return false;
  bool sound = true;
  text::each_field(into.emplace(), [&](const char* name, auto& field) {
    sound = sound && read_number(members->if_contains(name), field);
  });
  return sound;
}

}  // namespace

json::object metric_to_json(const judged_metric& metric) {
  json::object written{{"value", metric.value ? json::value(*metric.value) : json::value{}},
                       {"limit", metric.limit}};
  if (metric.worse)
    written["worse"] = to_string(*metric.worse);
  written["verdict"] = to_string(metric.outcome);
  if (metric.stable)
    written["stable"] = *metric.stable;
  if (metric.dry_run)
    written["dry_run"] = true;
  if (metric.optional)
    written["optional"] = true;
  if (metric.past_hard_limit)
    written["past_hard_limit"] = true;
  if (metric.evidence)
    written["evidence"] = evidence_to_json(*metric.evidence);
  return written;
}

std::optional<judged_metric> metric_from_json(const json::value& found) {
  const auto* members = found.if_object();
  if (members == nullptr || !members->contains("value"))
    return std::nullopt;
  judged_metric read;
  const bool sound = read_optional(members->if_contains("value"), read.value) &&
                     read_number(members->if_contains("limit"), read.limit) &&
                     read_worse(members->if_contains("worse"), read.worse) &&
                     read_verdict(members->if_contains("verdict"), read.outcome) &&
                     read_optional(members->if_contains("stable"), read.stable) &&
                     read_flag(members->if_contains("dry_run"), read.dry_run) &&
                     read_flag(members->if_contains("optional"), read.optional) &&
                     read_flag(members->if_contains("past_hard_limit"), read.past_hard_limit) &&
                     read_evidence(members->if_contains("evidence"), read.evidence);
  return sound ? std::optional{std::move(read)} : std::nullopt;
}

}  // namespace canaryd::judge
