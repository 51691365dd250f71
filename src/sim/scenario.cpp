#include "canaryd/sim/scenario.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;
using text::json_fields;

constexpr std::size_t scenario_limit = std::size_t{1} << 20U;
constexpr std::size_t most_elements = 10'000;
constexpr auto biggest = std::numeric_limits<std::int64_t>::max();

text::rule<double> number(double min, double max) {
  return text::number_in({.min = min, .max = max});
}

text::rule<double> arrivals() {
  return number(0.0, 1e8);
}

text::rule<duration> time() {
  return text::duration_in(0s);
}

text::rule<duration> promote_delay() {
  auto allowed = time();
  return {.allowed = allowed.allowed + ", or never",
          .read = [allowed](const boost::json::value& value) -> std::optional<duration> {
            if (value == "never")
              return duration::max();
            return allowed.read(value);
          }};
}

text::rule<std::string> name() {
  return text::text_of("1..128 characters", 1, 128, [](std::string_view) { return true; });
}

text::rule<std::string> any_value() {
  return {.allowed = "any value", .read = [](const boost::json::value& value) {
            return std::optional{boost::json::serialize(value)};
          }};
}

// Reads a name, such as that of a call or a fault, with the function that knows the names.
template <class Named>
text::rule<Named> name_of(const std::string& allowed,
                          std::optional<Named> (*named)(std::string_view)) {
  return {.allowed = allowed,
          .read = [named](const boost::json::value& value) -> std::optional<Named> {
            if (!value.is_string())
              return std::nullopt;
            return named(value.get_string());
          }};
}

// Sets an optional target if the key is there.
template <class T>
void read_optional(json_fields& in, std::string_view key, std::optional<T>& target,
                   const text::rule<T>& allowed) {
  in.read(key, target, allowed);
}

fault fault_of(json_fields& in) {
  fault found;
  in.require("kind", found.kind, name_of("the name of a fault", fault_kind_named));
  in.read("bot", found.bot, name());
  in.read_list("calls", found.calls, 0, call_count, name_of("the name of a call", call_named));
  in.read("rate", found.rate, number(0.0, 1.0));
  in.read("from", found.from, time());
  in.read("until", found.until, time());
  in.read("count", found.count, text::whole_number(0, biggest));
  in.read("status", found.status, text::whole_number(300, 599));
  read_optional(in, "retry_after", found.retry_after, time());
  in.read("retry_after_as_date", found.retry_after_as_date, text::boolean());
  in.read("retry_after_text", found.retry_after_text, name());
  read_optional(in, "delay", found.delay, time());
  in.read("metric", found.metric, name());
  in.read("value", found.value, any_value());
  in.refuse_unknown_keys();
  return found;
}

void read_shapes(json_fields& in, answer_shapes& shapes) {
  in.read("lists", shapes.lists, name_of("items or bare", list_shape_named));
  in.read("empty_lists", shapes.empty_lists,
          name_of("list, null, null_items, no_body or no_content", empty_shape_named));
  in.read("page_size", shapes.page_size, text::whole_number(0, biggest));
  in.read("pages", shapes.pages, name_of("url, cursor or link", page_shape_named));
  in.read("odd_items", shapes.odd_items, text::boolean());
}

profile_rule profile_of(json_fields& in) {
  profile_rule found;
  auto& what = found.what;
  in.read("bot", found.bot, name());
  in.read("version", found.version, name());
  in.read("from", found.from, time());
  read_optional(in, "at", found.at, time());
  if (found.at && in.find("from") != nullptr)
    in.complain("at",
                "give at (from the start of the simulation) or from (from the deploy), not both");
  in.read("error_rate", what.error_rate, number(0.0, 1.0));
  in.read("satisfaction_score", what.satisfaction_score, number(0.0, 5.0));
  in.read("satisfaction_spread", what.satisfaction_spread, number(0.0, 5.0));
  in.read("avg_latency_ms", what.avg_latency_ms, number(1.0, 1e6));
  in.read("latency_spread_ms", what.latency_spread_ms, number(0.0, 1e6));
  in.read("rated", what.rated, number(0.0, 1.0));
  in.read("escalation_rate", what.escalation_rate, number(0.0, 1.0));
  in.refuse_unknown_keys();
  return found;
}

bot_settings bot_of(json_fields& in) {
  bot_settings found;
  read_optional(in, "arrivals", found.arrivals_per_minute, arrivals());
  in.read("stable_version", found.stable_version, name());
  in.read_list("versions", found.versions, 0, most_elements, name());
  in.refuse_unknown_keys();
  return found;
}

// Reads every element of the list at `key` with `read_one`, and appends it.
template <class Element>
void append_list(json_fields& in, std::string_view key, std::vector<Element>& target,
                 Element (*read_one)(json_fields&)) {
  const auto* elements = in.array(key, 0, most_elements);
  if (elements == nullptr)
    return;
  for (std::size_t index = 0; index < elements->size(); ++index) {
    if (auto element = in.element(key, *elements, index))
      target.push_back(read_one(*element));
  }
}

void read_scenario(json_fields& in, world_options& options) {
  auto& api = options.api;
  in.read("seed", api.traffic.seed, text::whole_number(0, biggest));
  in.read("arrivals", api.traffic.arrivals_per_minute, arrivals());
  in.read("token_lifetime", api.token_lifetime, text::duration_in(1s));
  in.read("metrics_delay", api.metrics_delay, time());
  in.read("answer_delay", options.answer_delay, time());
  in.read("promote_delay", api.promote_delay, promote_delay());
  in.read("numeric_ids", api.traffic.numeric_ids, text::boolean());
  read_shapes(in, api.shapes);
  if (auto bots = in.object("bots")) {
    for (const auto& member : bots->members()) {
      if (auto bot = bots->object(member.key()))
        api.traffic.bots.insert_or_assign(std::string{member.key()}, bot_of(*bot));
    }
  }
  append_list(in, "profiles", api.traffic.profiles, profile_of);
  append_list(in, "faults", options.faults, fault_of);
  in.refuse_unknown_keys();
}

text::problem not_an_object() {
  return {.pointer = "", .message = "has to be an object"};
}

}  // namespace

std::expected<void, text::problem_list> apply_scenario(std::string_view bytes,
                                                       world_options& options) {
  auto parsed = text::parse_operator_json(bytes, scenario_limit);
  if (!parsed)
    return std::unexpected{text::problem_list{parsed.error()}};
  auto& problems = parsed->problems;
  if (!parsed->root.is_object()) {
    problems.push_back(not_an_object());
  } else {
    json_fields in{parsed->root.get_object(), "", problems};
    read_scenario(in, options);
  }
  if (problems.empty())
    return {};
  text::locate(problems, bytes);
  return std::unexpected{std::move(problems)};
}

std::expected<fault, text::problem_list> read_fault(const boost::json::value& value) {
  text::problem_list problems;
  if (!value.is_object())
    return std::unexpected{text::problem_list{not_an_object()}};
  json_fields in{value.get_object(), "", problems};
  auto found = fault_of(in);
  if (!problems.empty())
    return std::unexpected{std::move(problems)};
  return found;
}

}  // namespace canaryd::sim
