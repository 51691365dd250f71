#include "canaryd/metrics/sample_merge.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace canaryd::metrics {
namespace {

using judge::metrics_sample;
using judge::metrics_source;

constexpr bool for_limits = false;
constexpr bool counted = true;

const metrics_sample full{.error_rate = 0.01,
                          .satisfaction_score = 4.0,
                          .avg_latency_ms = 300.0,
                          .conversation_count = 90};

TEST(sample_merge, complete_is_what_has_every_metric_that_is_asked_for) {
  EXPECT_TRUE(is_complete(full, {}));
  for (const auto metric : {&metrics_sample::error_rate, &metrics_sample::satisfaction_score,
                            &metrics_sample::avg_latency_ms}) {
    auto partial = full;
    (partial.*metric).reset();
    EXPECT_FALSE(is_complete(partial, {}));
  }
  auto uncounted = full;
  uncounted.conversation_count.reset();
  EXPECT_FALSE(is_complete(uncounted, {}));
  const std::vector<std::string> further{"p95"};
  EXPECT_FALSE(is_complete(full, further));
  auto with_further = full;
  with_further.further = {{"p95", 900.0}};
  EXPECT_TRUE(is_complete(with_further, further));
}

TEST(sample_merge, a_primary_with_everything_stays_as_it_is) {
  auto other = full;
  other.error_rate = 0.9;
  const auto merged = merge(full, other, counted);
  EXPECT_EQ(merged.sample, full);
  EXPECT_EQ(merged.source, metrics_source::primary);
}

TEST(sample_merge, further_metrics_fill_gaps_alone) {
  auto primary = full;
  primary.further = {{"p95", 900.0}};
  auto fallback = full;
  fallback.further = {{"p95", 100.0}, {"drift", 0.5}};
  const auto merged = merge(primary, fallback, for_limits);
  primary.further.emplace_back("drift", 0.5);
  EXPECT_EQ(merged.sample, primary);
  EXPECT_EQ(merged.source, metrics_source::merged);
}

TEST(sample_merge, a_score_and_its_count_come_from_the_same_answer) {
  auto fallback = full;
  fallback.satisfaction_count = 40;
  // The primary's own score was not given by the fallback's forty.
  EXPECT_EQ(merge(full, fallback, for_limits).sample.satisfaction_count, std::nullopt);
  auto without_score = full;
  without_score.satisfaction_score.reset();
  without_score.satisfaction_count = 7;
  EXPECT_EQ(merge(without_score, fallback, for_limits).sample.satisfaction_count, 40);
  EXPECT_EQ(merge(without_score, full, for_limits).sample.satisfaction_count, std::nullopt);
}

TEST(sample_merge, what_a_rate_is_a_share_of_comes_from_where_the_rate_comes_from) {
  const metrics_sample fallback{.error_rate = 0.5,
                                .conversation_count = 9,
                                .further = {{"slow_rate", 0.1}},
                                .counts = {{"error_rate", 60}, {"slow_rate", 70}}};
  const auto counts = fallback.counts;
  EXPECT_EQ(merge({}, fallback, for_limits).sample.counts, counts);
  EXPECT_EQ(merge({.error_rate = 0.1}, fallback, counted).sample.counts, counts);
  const metrics_sample primary{.error_rate = 0.1,
                               .conversation_count = 5,
                               .further = {{"slow_rate", 0.2}},
                               .counts = {{"slow_rate", 8}}};
  EXPECT_EQ(merge(primary, fallback, counted).sample, primary);
}

TEST(sample_merge, where_limits_are_held_each_gap_is_filled_by_itself) {
  const auto merged = merge({.error_rate = 0.01}, full, for_limits);
  EXPECT_EQ(merged.sample, full);
  EXPECT_EQ(merge({}, full, for_limits).sample, full);
  EXPECT_EQ(merge({.conversation_count = 5}, {.error_rate = 0.9}, for_limits).sample,
            (metrics_sample{.error_rate = 0.9, .conversation_count = 5}));
}

TEST(sample_merge, a_single_gap_that_was_filled_is_told) {
  for (const auto metric : {&metrics_sample::error_rate, &metrics_sample::satisfaction_score,
                            &metrics_sample::avg_latency_ms}) {
    auto primary = full;
    (primary.*metric).reset();
    EXPECT_EQ(merge(primary, full, for_limits).source, metrics_source::merged);
  }
}

TEST(sample_merge, where_conversations_are_counted_a_rate_is_never_of_the_others_conversations) {
  auto fallback = full;
  fallback.error_rate = 0.5;
  const auto merged = merge({.error_rate = 0.01}, fallback, counted);
  EXPECT_EQ(merged.sample, fallback);
  EXPECT_EQ(merged.source, metrics_source::merged);
  const auto unfilled = merge({.error_rate = 0.01}, {.conversation_count = 5}, counted);
  EXPECT_EQ(unfilled.sample, metrics_sample{.error_rate = 0.01});
  EXPECT_EQ(unfilled.source, metrics_source::primary);
}

}  // namespace
}  // namespace canaryd::metrics
