#include "canaryd/canary/canary_json.hpp"

#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/json_write.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/full_canary.hpp"
#include "support/json_at.hpp"
#include <set>
#include <string_view>
#include <vector>

namespace canaryd::canary {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using support::full_canary;

// This does not compile once a field is added. The field then belongs in its description and in
// full_row() too.
template <class T>
std::size_t fields_in(const T& value) {
  if constexpr (std::same_as<T, rows::canary>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v,
                                  w, x, y, z, aa, ab, ac, ad, ae, af, ag] = value;
    return 33;
  } else if constexpr (std::same_as<T, rows::pending_call>) {
    [[maybe_unused]] const auto& [a, b, c, d, e] = value;
    return 5;
  } else if constexpr (std::same_as<T, rows::deploy>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = value;
    return 7;
  } else if constexpr (std::same_as<T, rows::promote>) {
    [[maybe_unused]] const auto& [a, b, c] = value;
    return 3;
  } else if constexpr (std::same_as<T, rows::hold>) {
    // Inherited fields cannot be bound together with the two own ones.
    const hold_progress& inherited = value;
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = inherited;
    static_assert(sizeof(T) ==
                  sizeof(hold_progress) + sizeof(value.paused_since) + sizeof(value.left));
    return 16;
  } else if constexpr (std::same_as<T, rows::rollback>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h] = value;
    return 8;
  } else if constexpr (std::same_as<T, judge::judged_metric>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j] = value;
    return 10;
  } else if constexpr (std::same_as<T, judge::evidence>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i] = value;
    return 9;
  } else if constexpr (std::same_as<T, judge::arm_counts>) {
    [[maybe_unused]] const auto& [a, b, c, d, e] = value;
    return 5;
  } else if constexpr (std::same_as<T, judge::test_evidence>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f] = value;
    return 6;
  } else if constexpr (std::same_as<T, judge::reading>) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = value;
    return 7;
  } else {
    [[maybe_unused]] const auto& [a, b, c, d] = value;
    return 4;
  }
}

json::value json_of(const canary& current) {
  return canary_to_json(current);
}

result<canary> read_text(std::string_view text) {
  return canary_from_json(json::parse(text));
}

std::string problem_of(std::string_view text) {
  const auto read = read_text(text);
  return read ? "" : read.error().text;
}

TEST(canary_json, has_every_field_of_a_canary_and_its_parts) {
  const auto full = support::full_row();
  const auto written = row_to_json(full);
  EXPECT_EQ(written.size(), fields_in(full));
  EXPECT_EQ(written.at("next_call").as_object().size(), fields_in(*full.next_call));
  EXPECT_EQ(written.at("deploy").as_object().size(), fields_in(full.deploy));
  EXPECT_EQ(written.at("hold").as_object().size(), fields_in(full.hold));
  EXPECT_EQ(written.at("promote").as_object().size(), fields_in(full.promote));
  EXPECT_EQ(written.at("rollback").as_object().size(), fields_in(full.rollback));
  EXPECT_EQ(written.at("newest").as_object().size(), fields_in(*full.newest));
  EXPECT_EQ(written.at("readings").as_object().size(), fields_in(full.readings));
  const auto& metric = written.at("newest").at("metrics").at(0);
  EXPECT_EQ(metric.as_object().size(), fields_in(full.newest->metrics.front()));
  EXPECT_EQ(metric.at("evidence").as_object().size(),
            fields_in(*full.newest->metrics.front().evidence));
  EXPECT_EQ(written.at("traffic").as_object().size(), fields_in(full.traffic));
  const auto& gathered = written.at("gathered").as_object();
  EXPECT_EQ(gathered.size(), fields_in(*full.gathered));
  EXPECT_EQ(gathered.at("total").as_object().size(), fields_in(full.gathered->total));
  EXPECT_EQ(gathered.at("paired").as_object().size(), fields_in(full.gathered->paired));
}

TEST(canary_json, what_is_as_it_began_is_not_written) {
  EXPECT_EQ(canary_to_json(canary{}), json::object({{"state", "queued"}}));
  canary asked;
  asked.hold.step = 1;
  asked.next_call = pending_call{};
  EXPECT_EQ(canary_to_json(asked), json::object({{"state", "queued"},
                                                 {"hold", {{"step", 1}}},
                                                 {"next_call", {{"what", "look_up"}}}}));
}

TEST(canary_json, every_field_reads_back_from_the_text_of_the_json) {
  for (const auto& full : support::every_full_canary()) {
    const auto read = read_text(write_json(json_of(full), text::json_layout::compact));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(*read, full);
  }
}

TEST(canary_json, a_new_canary_reads_back) {
  const auto read = canary_from_json(json_of(canary{}));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, canary{});
}

// A canary in a state in which such a call is made.
canary asking(operation what) {
  using enum canary_state;
  for (const auto state : {queued, deploying, observing, promoting, rolling_back}) {
    auto row = support::full_row(state);
    row.ends_as.reset();
    row.next_call->what = what;
    if (auto made = from_row(row).value(); made.next_call)
      return made;
  }
  return {};
}

TEST(canary_json, every_word_reads_back) {
  for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(operation::read_surplus);
       ++number) {
    const auto one = asking(static_cast<operation>(number));
    ASSERT_TRUE(one.next_call);
    EXPECT_EQ(operation_of(one.next_call->what_for), static_cast<operation>(number));
    const auto read = canary_from_json(json_of(one));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, one);
  }
  EXPECT_EQ(text::from_word<canary_state>("failed"), canary_state::failed);
  EXPECT_EQ(text::from_word<canary_state>("asleep"), std::nullopt);
  EXPECT_EQ(text::from_word<canary_state>(""), std::nullopt);
}

TEST(canary_json, is_for_people_where_it_can_be) {
  const auto written = canary_to_json(full_canary());
  EXPECT_EQ(written.at("state"), "observing");
  EXPECT_EQ(json_of(full_canary(canary_state::promoting)).at("why"), "promote_refused");
  EXPECT_EQ(written.at("started_at"), "2023-11-14T22:13:20.001Z");
  EXPECT_EQ(written.at("hold").at("next_due"), 113'000'000'000);
  EXPECT_EQ(written.at("next_call").at("what"), "read_surplus");
}

TEST(canary_json, unknown_fields_are_ignored_and_missing_ones_have_their_default) {
  const auto read =
      read_text(R"({"job_id":"a","state":"paused","colour":"red","hold":{"step":3,"depth":[1]}})");
  ASSERT_TRUE(read);
  canary expected;
  expected.job_id = "a";
  expected.phase = phases::watching{.stopped = standstill{}};
  expected.hold.step = 3;
  EXPECT_EQ(*read, expected);
}

TEST(canary_json, a_missing_state_is_an_error) {
  EXPECT_EQ(problem_of(R"({"job_id":"a"})"), "a stored canary: /state is missing");
}

// Replaces the value at a JSON pointer of a stored canary, reads the canary, applies `change` and
// writes it again.
template <class Change>
json::value written_again(std::string_view pointer, json::value other, Change change) {
  auto found = json_of(full_canary());
  support::set_at(found, pointer, std::move(other));
  auto current = canary_from_json(found).value();
  change(current);
  auto written = canary_to_json(current);
  keep_unknown(written, current, unknown_members(found));
  const json::value whole(std::move(written));
  json::error_code missing;
  const auto* kept = whole.find_pointer(pointer, missing);
  return kept == nullptr ? json::value("lost") : *kept;
}

TEST(canary_json, knows_everything_that_it_has_written) {
  EXPECT_EQ(unknown_members(json_of(full_canary())), json::object{});
  EXPECT_EQ(unknown_members(json_of(canary{})), json::object{});
}

TEST(canary_json, unknown_members_are_written_back_wherever_they_are) {
  const json::value colours{{"colours", {"red", 1, nullptr}}};
  const auto unchanged = [](const canary&) {};
  for (const char* pointer :
       {"/from_the_future", "/deploy/x", "/hold/x", "/traffic/x", "/rollback/x", "/readings/x",
        "/gathered/x", "/gathered/total/x", "/newest/x", "/newest/metrics/0/x", "/next_call/x"})
    EXPECT_EQ(written_again(pointer, colours, unchanged), colours) << pointer;
}

TEST(canary_json, an_unknown_member_stays_though_all_around_it_is_as_it_began) {
  const auto kept = written_again("/traffic/x", 7, [](canary& current) {
    std::get<phases::watching>(current.phase).change.reset();
  });
  EXPECT_EQ(kept, 7);
}

TEST(canary_json, what_is_unknown_of_a_reading_or_a_call_goes_with_it) {
  EXPECT_EQ(written_again("/newest/x", 7, [](canary& current) { current.newest->window += 1s; }),
            "lost");
  EXPECT_EQ(written_again("/newest/x", 7, [](canary& current) { current.newest.reset(); }), "lost");
  EXPECT_EQ(written_again("/next_call/x", 7, [](canary& current) { ++current.next_call->serial; }),
            "lost");
}

TEST(canary_json, a_newest_reading_of_an_unknown_source_is_read_and_keeps_its_word) {
  auto found = json_of(full_canary());
  found.at("newest").at("source") = "telepathy";
  const auto read = canary_from_json(found);
  ASSERT_TRUE(read) << read.error().text;
  auto expected = full_canary();
  expected.newest->source = judge::metrics_source::unknown;
  EXPECT_EQ(*read, expected);
  EXPECT_EQ(written_again("/newest/source", "telepathy", [](const canary&) {}), "telepathy");
}

TEST(canary_json, a_newest_reading_with_an_unknown_verdict_is_left_out_and_kept) {
  for (const char* pointer : {"/newest/outcome", "/newest/metrics/1/outcome"}) {
    auto found = json_of(full_canary());
    support::set_at(found, pointer, "maybe");
    const auto read = canary_from_json(found);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_FALSE(read->newest) << pointer;
    EXPECT_EQ(written_again(pointer, "maybe", [](const canary&) {}), "maybe");
  }
}

TEST(canary_json, a_wrong_field_is_an_error_that_names_it) {
  using testing::HasSubstr;
  EXPECT_THAT(problem_of(R"({"job_id":5})"), HasSubstr("/job_id: found 5, allowed is text"));
  EXPECT_THAT(problem_of(R"({"hold":{"next_due":"soon"}})"), HasSubstr("/hold/next_due"));
  EXPECT_THAT(problem_of(R"({"next_call":{"what":"dance"}})"), HasSubstr("/next_call/what"));
  EXPECT_THAT(problem_of(R"({"newest":{"metrics":[{"limit":true}]}})"), HasSubstr("limit"));
}

TEST(canary_json, hostile_values_are_refused) {
  for (const char* text : {"null",
                           "[]",
                           "7",
                           R"({"state":"asleep"})",
                           R"({"state":2})",
                           R"({"state":null})",
                           R"({"attempts":2147483648})",
                           R"({"attempts":1.5})",
                           R"({"attempts":true})",
                           R"({"records_made":-1})",
                           R"({"calls_made":4294967296})",
                           R"({"attempts":2147483647})",
                           R"({"attempts":-1})",
                           R"({"readings":{"pass":9223372036854775807}})",
                           R"({"hold":{"since":9223372036854775806}})",
                           R"({"hold":{"ends":-9223372036854775808}})",
                           R"({"extension_left":9223372036854775807})",
                           R"({"extension_left":1e99})",
                           R"({"extension_left":18446744073709551615})",
                           R"({"started_at":"yesterday"})",
                           R"({"started_at":12})",
                           R"({"surplus_deployments":"dep-1"})",
                           R"({"surplus_deployments":[null]})",
                           R"({"hold":[]})",
                           R"({"promote_refused":"no"})",
                           R"({"newest":{"metrics":{}}})",
                           R"({"newest":{"metrics":[{"value":1e400}]}})",
                           R"({"newest":{"conversations":"many"}})",
                           R"({"rollback":{"absent_since":[]}})"}) {
    const auto read = read_text(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, fault::malformed);
  }
}

TEST(canary_json, an_instant_that_never_comes_reads_back) {
  canary waiting;
  waiting.hold.next_due = instant::max();
  const auto read = canary_from_json(json_of(waiting));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, waiting);
}

TEST(canary_json, a_hostile_value_is_shown_short) {
  const auto text = R"({"attempts":")" + std::string(100'000, 'x') + R"("})";
  EXPECT_LT(problem_of(text).size(), 500U);
}

// In seconds.
std::vector<std::int64_t> instants_in(const json::value& written) {
  static const std::set<std::string_view> names{
      "not_before",   "repeat_at",  "since",        "ends",          "next_due", "paused_since",
      "absent_since", "settles_at", "counted_from", "counted_until", "sent_at"};
  std::vector<std::int64_t> found;
  if (!written.is_object())
    return found;
  for (const auto& [name, value] : written.get_object()) {
    if (value.is_int64() && names.contains(name))
      found.push_back(value.get_int64() / 1'000'000'000);
    for (const auto inner : instants_in(value))
      found.push_back(inner);
  }
  return found;
}

TEST(shift_instants, moves_every_instant_that_is_set) {
  for (const auto& full : support::every_full_canary()) {
    auto moved = full;
    shift_instants(moved, -50s);
    auto expected = instants_in(json_of(full));
    for (auto& each : expected)
      each -= 50;
    EXPECT_EQ(instants_in(json_of(moved)), expected);
    shift_instants(moved, 50s);
    EXPECT_EQ(moved, full);
  }
  EXPECT_EQ(instants_in(json_of(full_canary())).size(), 8U);
  EXPECT_EQ(instants_in(json_of(full_canary(canary_state::paused))).size(), 9U);
  EXPECT_EQ(instants_in(json_of(full_canary(canary_state::deploying))).size(), 6U);
}

TEST(shift_instants, leaves_what_was_never_set_and_what_never_comes) {
  canary untouched;
  untouched.hold.next_due = instant::max();
  auto moved = untouched;
  shift_instants(moved, -50s);
  EXPECT_EQ(moved, untouched);
}

TEST(shift_instants, ends_at_the_edge_of_the_range) {
  canary edge;
  edge.hold.ends = instant{longest_time - 1s};
  edge.hold.since = instant{-longest_time + 1s};
  edge.hold.next_due = instant::max() - 1s;
  auto moved = edge;
  shift_instants(moved, 2s);
  EXPECT_EQ(moved.hold.ends, instant{longest_time});
  EXPECT_EQ(moved.hold.next_due, instant{longest_time});
  moved = edge;
  shift_instants(moved, -2s);
  EXPECT_EQ(moved.hold.since, instant{-longest_time});
}

}  // namespace
}  // namespace canaryd::canary
