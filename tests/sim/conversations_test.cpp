#include "canaryd/sim/conversations.hpp"

#include <gtest/gtest.h>

namespace canaryd::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto endless = duration::max();

double rate(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

TEST(conversations, adjacent_windows_add_up) {
  conversation_stream stream{{}, 3.0, 42, 0s, endless};
  conversation_totals sum;
  for (std::int64_t first = 0; first < 600; first += 37) {
    conversation_stream fresh{{}, 3.0, 42, 0s, endless};
    sum += fresh.between(first, std::min<std::int64_t>(first + 37, 600));
  }
  EXPECT_EQ(stream.between(0, 600), sum);
}

TEST(conversations, windows_that_move_are_what_fresh_windows_are) {
  conversation_stream moving{{}, 2.5, 7, 3s, endless};
  for (const auto& [first, last] :
       std::initializer_list<std::pair<std::int64_t, std::int64_t>>{{0, 60},
                                                                    {0, 90},
                                                                    {30, 120},
                                                                    {30, 120},
                                                                    {31, 121},
                                                                    {200, 260},
                                                                    {10, 20},
                                                                    {10, 10},
                                                                    {0, 300}}) {
    conversation_stream fresh{{}, 2.5, 7, 3s, endless};
    EXPECT_EQ(moving.between(first, last), fresh.between(first, last)) << first << ".." << last;
  }
}

TEST(conversations, another_key_gives_others_at_the_same_rate) {
  conversation_stream one{{}, 5.0, 1, 0s, endless};
  conversation_stream two{{}, 5.0, 2, 0s, endless};
  EXPECT_NE(one.between(0, 3600), two.between(0, 3600));
  EXPECT_NEAR(rate(one.between(0, 3600).conversations, 3600), 5.0, 0.2);
  EXPECT_NEAR(rate(two.between(0, 3600).conversations, 3600), 5.0, 0.2);
}

struct arrival_case {
  double per_second;
  double tolerance;
};

TEST(conversations, slow_and_fast_streams_keep_their_rates) {
  for (const auto& [per_second, tolerance] :
       {arrival_case{0.02, 0.01}, {1.0, 0.1}, {11.0, 0.3}, {40.0, 0.6}, {5000.0, 10.0}}) {
    const profile what{.error_rate = 0.12, .rated = 0.5};
    conversation_stream stream{what, per_second, 3, 0s, endless};
    const auto totals = stream.between(0, 7200);
    EXPECT_NEAR(rate(totals.conversations, 7200), per_second, tolerance);
    EXPECT_NEAR(rate(totals.errors, totals.conversations), 0.12, 0.05) << per_second;
    EXPECT_NEAR(rate(totals.rated, totals.conversations), 0.5, 0.08) << per_second;
    EXPECT_NEAR(rate(totals.escalations, totals.conversations), 0.05, 0.04) << per_second;
    EXPECT_NEAR(rate(totals.latency_us, totals.conversations) / 1000.0, 320.0, 15.0);
    EXPECT_NEAR(rate(totals.score_thousandths, totals.rated) / 1000.0, 4.37, 0.1);
  }
}

// A seed must always give the same history, so a new kind of draw may not change the others.
TEST(conversations, hand_overs_leave_all_else_as_it_was) {
  conversation_stream none{{.escalation_rate = 0.0}, 20.0, 5, 0s, endless};
  conversation_stream some{{.escalation_rate = 0.3}, 20.0, 5, 0s, endless};
  const auto without = none.between(0, 600);
  auto with = some.between(0, 600);
  EXPECT_EQ(without.escalations, 0);
  EXPECT_NEAR(rate(with.escalations, with.conversations), 0.3, 0.02);
  with.escalations = 0;
  EXPECT_EQ(with, without);
}

TEST(conversations, scores_stay_between_0_and_5_and_latencies_above_0) {
  const profile wild{.satisfaction_score = 5.0,
                     .satisfaction_spread = 5.0,
                     .avg_latency_ms = 1.0,
                     .latency_spread_ms = 100.0};
  conversation_stream stream{wild, 0.5, 3, 0s, endless};
  for (std::int64_t second = 0; second < 2000; ++second) {
    const auto totals = stream.between(second, second + 1);
    EXPECT_GE(totals.score_thousandths, 0);
    EXPECT_LE(totals.score_thousandths, totals.rated * 5000);
    EXPECT_GE(totals.latency_us, totals.conversations * 1000);
  }
}

TEST(conversations, there_are_none_before_the_stream_and_after_its_end) {
  conversation_stream stream{{}, 1000.0, 3, 10s, endless};
  EXPECT_EQ(stream.between(-100, 10), conversation_totals{});
  EXPECT_GT(stream.between(-100, 11).conversations, 900);
  stream.end(20s);
  stream.end(30s);
  EXPECT_EQ(stream.until(), 20s);
  EXPECT_EQ(stream.between(20, 100), conversation_totals{});
  EXPECT_NEAR(static_cast<double>(stream.between(-100, 100).conversations), 10'000.0, 400.0);
}

TEST(conversations, a_second_that_is_cut_has_its_part) {
  conversation_stream stream{{}, 10'000.0, 3, 10'250ms, 12'500ms};
  EXPECT_NEAR(static_cast<double>(stream.between(10, 11).conversations), 7500.0, 400.0);
  EXPECT_NEAR(static_cast<double>(stream.between(12, 13).conversations), 5000.0, 400.0);
}

TEST(conversations, a_stream_without_arrivals_is_silent) {
  conversation_stream stream{{}, 0.0, 3, 0s, endless};
  EXPECT_EQ(stream.between(0, 86'400), conversation_totals{});
}

}  // namespace
}  // namespace canaryd::sim
