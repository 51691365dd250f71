#include "canaryd/sim/metrics_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace canaryd::sim {
namespace {

struct field {
  std::string_view name;
  std::string text;
};

// Divides by hand, because no double holds so many digits.
std::string long_quotient(std::int64_t sum, std::int64_t divisor) {
  constexpr int decimals = 30;
  auto text = fmt::format("{}.", sum / divisor);
  for (int i = 0; i < decimals; ++i) {
    sum = sum % divisor * 10;
    text += static_cast<char>('0' + sum / divisor);
  }
  return text;
}

std::string mean(std::int64_t sum, std::int64_t unit, std::int64_t count, bool is_long) {
  if (count == 0)
    return "null";
  if (is_long)
    return long_quotient(sum, unit * count);
  return fmt::format(
      "{}", static_cast<double>(sum) / static_cast<double>(unit) / static_cast<double>(count));
}

// The text that replaces the metric's value; empty for faults that do not replace it.
std::string_view false_value(fault_kind kind) {
  switch (kind) {
    case fault_kind::not_a_number:
      return "NaN";
    case fault_kind::infinite:
      return "1e400";
    case fault_kind::negative:
      return "-1";
    case fault_kind::out_of_range:
      return "1e18";
    case fault_kind::text_for_number:
      return R"("0.01")";
    case fault_kind::null_metric:
      return "null";
    default:
      return {};
  }
}

void change_metric(std::vector<field>& fields, const fault& striking) {
  const auto place = std::ranges::find(fields, striking.metric, &field::name);
  if (place == fields.end())
    return;
  if (striking.kind == fault_kind::missing_metric) {
    // This also removes what a duplicate_key fault added, which alone would be a normal value.
    std::erase_if(fields, [&](const field& each) { return each.name == striking.metric; });
  } else if (striking.kind == fault_kind::duplicate_key) {
    fields.push_back({.name = place->name, .text = "0"});
  } else if (const auto text = false_value(striking.kind); !text.empty()) {
    place->text = text;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_window(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || end - read.ptr != 1 || number < 1)
    return std::nullopt;
  const std::string_view units = "smh";
  constexpr std::int64_t seconds[] = {1, 60, 3600};
  const auto unit = units.find(*read.ptr);
  if (unit == std::string_view::npos || number > 86400 / seconds[unit])
    return std::nullopt;
  return std::chrono::seconds{number * seconds[unit]};
}

std::string metrics_body(const conversation_totals& totals,
                         const std::vector<const fault*>& striking, bool long_numbers) {
  const auto mean_of = [long_numbers](std::int64_t sum, std::int64_t unit, std::int64_t count) {
    return mean(sum, unit, count, long_numbers);
  };
  std::vector<field> fields{
      {"error_rate", mean_of(totals.errors, 1, totals.conversations)},
      {"satisfaction_score", mean_of(totals.score_thousandths, 1000, totals.rated)},
      {"avg_latency_ms", mean_of(totals.latency_us, 1000, totals.conversations)},
      {"conversation_count", fmt::format("{}", totals.conversations)},
      {"satisfaction_count", fmt::format("{}", totals.rated)},
      {"escalation_rate", mean_of(totals.escalations, 1, totals.conversations)},
  };
  for (const auto* fault : striking)
    change_metric(fields, *fault);
  std::string body = "{";
  for (const auto& [name, text] : fields)
    fmt::format_to(std::back_inserter(body), R"({}"{}":{})", body.size() > 1 ? "," : "", name,
                   text);
  body += '}';
  return body;
}

}  // namespace canaryd::sim
