#include "odata_tally.hpp"

#include <boost/json/array.hpp>
#include <gtest/gtest.h>

namespace canaryd::metrics {
namespace {

// The first problem of the records; empty: none.
template <class Tally>
std::string add(Tally& tally, std::string_view records) {
  platform::json_answer answer{records};
  for (const auto& record : answer.root().as_array()) {
    tally.add(answer, record.as_object());
    if (!answer.ok())
      return answer.problem();
  }
  return {};
}

const measured no_tally = std::nullopt;

measured tallied(double value, std::optional<std::int64_t> count = std::nullopt) {
  return measurement{.value = value, .count = count};
}

TEST(session_tally, sessions_are_counted_by_their_ids) {
  session_tally sessions;
  EXPECT_EQ(add(sessions, R"([{"sessionId":"a"},{"sessionId":"b"},{"sessionId":"a"}])"), "");
  EXPECT_EQ(sessions.conversation_count(), tallied(2.0));
}

TEST(session_tally, satisfaction_is_the_share_of_good_ratings_in_points) {
  session_tally sessions;
  add(sessions, R"([{"sessionId":"a","rating":1},{"sessionId":"b","rating":-1},
                    {"sessionId":"c","rating":1},{"sessionId":"d","rating":1},
                    {"sessionId":"e","rating":null},{"sessionId":"f"}])");
  EXPECT_EQ(sessions.satisfaction(), tallied(3.75, 4));
  EXPECT_EQ(sessions.satisfaction_count(), tallied(4.0));
  EXPECT_EQ(sessions.conversation_count(), tallied(6.0));
}

TEST(session_tally, without_ratings_there_is_no_score) {
  session_tally sessions;
  add(sessions, R"([{"sessionId":"a","rating":null}])");
  EXPECT_EQ(sessions.satisfaction(), no_tally);
  EXPECT_EQ(sessions.satisfaction_count(), tallied(0.0));
}

TEST(session_tally, other_ratings_are_errors) {
  for (const auto* rating : {"7", "0", "0.5", "-2", "\"1\"", "true"}) {
    session_tally sessions;
    EXPECT_NE(add(sessions, R"([{"sessionId":"a","rating":)" + std::string{rating} + "}]"), "")
        << rating;
  }
}

TEST(session_tally, a_session_without_an_id_is_an_error) {
  session_tally sessions;
  EXPECT_NE(add(sessions, R"([{"rating":1}])"), "");
  EXPECT_NE(add(sessions, R"([{"sessionId":null}])"), "");
}

TEST(session_tally, a_session_without_an_end_does_not_count_yet) {
  session_tally sessions;
  EXPECT_EQ(add(sessions, R"([{"sessionId":"a","rating":1,"endedAt":null},
                             {"sessionId":"b","rating":-1,"endedAt":"2026-01-01T00:05:00.000Z"}])"),
            "");
  EXPECT_EQ(sessions.conversation_count(), tallied(1.0));
  EXPECT_EQ(sessions.satisfaction(), tallied(0.0, 1));
}

TEST(session_tally, of_contradicting_records_the_worst_counts) {
  session_tally sessions;
  add(sessions, R"([{"sessionId":"a","rating":1,"handoverEscalations":2},
                    {"sessionId":"a","rating":-1,"handoverEscalations":0}])");
  EXPECT_EQ(sessions.satisfaction(), tallied(0.0, 1));
  EXPECT_EQ(sessions.handover_rate(), tallied(1.0, 1));
}

TEST(session_tally, a_handover_counts_once_a_session) {
  session_tally sessions;
  add(sessions, R"([{"sessionId":"a","handoverEscalations":3},{"sessionId":"b"},
                    {"sessionId":"c","handoverEscalations":0},
                    {"sessionId":"d","handoverEscalations":null}])");
  EXPECT_EQ(sessions.handover_rate(), tallied(0.25, 4));
  session_tally odd;
  EXPECT_NE(add(odd, R"([{"sessionId":"a","handoverEscalations":-1}])"), "");
}

TEST(session_tally, no_sessions_are_no_rates) {
  const session_tally sessions;
  EXPECT_EQ(sessions.conversation_count(), tallied(0.0));
  EXPECT_EQ(sessions.satisfaction(), no_tally);
  EXPECT_EQ(sessions.handover_rate(), no_tally);
}

TEST(analytics_tally, latency_is_a_mean_and_slow_answers_are_a_rate) {
  analytics_tally analytics{{}};
  EXPECT_EQ(add(analytics, R"([{"executionTime":100},{"executionTime":300},{"executionTime":3000},
                              {"executionTime":3001},{"executionTime":null},{}])"),
            "");
  EXPECT_EQ(analytics.slow_rate(3000.0), tallied(0.25, 4));
  const auto mean = analytics.latency_ms();
  ASSERT_TRUE(mean && *mean);
  EXPECT_NEAR((*mean)->value, 6401.0 / 4.0, 1e-9);
  EXPECT_EQ((*mean)->count, 4);
}

TEST(analytics_tally, without_times_there_is_no_data) {
  analytics_tally analytics{{}};
  add(analytics, R"([{"executionTime":null}])");
  EXPECT_EQ(analytics.latency_ms(), no_tally);
  EXPECT_EQ(analytics.slow_rate(3000.0), no_tally);
}

TEST(analytics_tally, times_that_cannot_be_are_errors) {
  for (const auto* time : {"-1", "\"100\"", "[]"}) {
    analytics_tally analytics{{}};
    EXPECT_NE(add(analytics, R"([{"executionTime":)" + std::string{time} + "}]"), "") << time;
  }
}

TEST(analytics_tally, the_word_of_a_flow_is_a_rate_of_all_messages) {
  analytics_tally analytics{
      {{.field = "custom1", .word = "error"}, {.field = "custom2", .word = "error"}}};
  add(analytics, R"([{"custom1":"error"},{"custom1":"ok"},{"custom1":null},{"custom2":"error"}])");
  EXPECT_EQ(analytics.word_rate(0), tallied(0.25, 4));
  EXPECT_EQ(analytics.word_rate(1), tallied(0.25, 4));
  const analytics_tally none{{{.field = "custom1", .word = "error"}}};
  EXPECT_EQ(none.word_rate(0), no_tally);
}

}  // namespace
}  // namespace canaryd::metrics
