#include "canaryd/judge/judge.hpp"

#include <gtest/gtest.h>

namespace canaryd::judge {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{400'000h};

job::job with_defaults() {
  job::job spec;
  spec.steps = {{.canary_percent = 5.0, .hold = 300s}};
  return spec;
}

const metrics_sample healthy{0.01, 4.4, 320.0, 1000};

reading judged(const result<sourced_sample>& answer, duration window,
               const job::job& spec = with_defaults()) {
  std::optional<evidence> none;
  return judge(spec, none, {answer, window, std::nullopt, {}, noon}).taken;
}

reading judged(const metrics_sample& sample, const job::job& spec = with_defaults()) {
  return judged(sourced_sample{sample, metrics_source::primary}, 15min, spec);
}

verdict verdict_on(const metrics_sample& sample, const job::job& spec = with_defaults()) {
  return judged(sample, spec).outcome;
}

TEST(judge, metrics_within_their_limits_pass) {
  EXPECT_EQ(verdict_on(healthy), verdict::pass);
}

TEST(judge, a_value_exactly_at_its_limit_passes) {
  EXPECT_EQ(verdict_on({0.05, 3.5, 2000.0, 1000}), verdict::pass);
}

TEST(judge, each_metric_breaches_on_its_own_side) {
  EXPECT_EQ(verdict_on({0.0501, 4.4, 320.0, 1000}), verdict::breach);
  EXPECT_EQ(verdict_on({0.01, 3.499, 320.0, 1000}), verdict::breach);
  EXPECT_EQ(verdict_on({0.01, 4.4, 2000.1, 1000}), verdict::breach);
}

TEST(judge, a_missing_metric_is_no_data) {
  EXPECT_EQ(verdict_on({{}, 4.4, 320.0, 1000}), verdict::no_data);
  EXPECT_EQ(verdict_on({0.01, {}, 320.0, 1000}), verdict::no_data);
  EXPECT_EQ(verdict_on({0.01, 4.4, {}, 1000}), verdict::no_data);
}

TEST(judge, a_breach_counts_whatever_else_is_missing) {
  EXPECT_EQ(verdict_on({1.0, {}, 320.0, 1000}), verdict::breach);
  EXPECT_EQ(verdict_on({1.0, {}, {}, 50}), verdict::breach);
  EXPECT_EQ(verdict_on({{}, {}, 2001.0, 1000}), verdict::breach);
  EXPECT_EQ(judged({1.0, {}, 320.0, 1000}).problem, "");
}

// Every combination of what is there, for a canary that fails in every conversation.
TEST(judge, a_breach_wants_enough_conversations_and_nothing_else) {
  for (const bool has_score : {false, true}) {
    for (const bool has_latency : {false, true}) {
      for (const std::int64_t minimum : {0, 1, 50}) {
        for (const auto count :
             std::initializer_list<std::optional<std::int64_t>>{std::nullopt, 0, 1, 49, 50}) {
          auto spec = with_defaults();
          spec.min_conversations = minimum;
          metrics_sample bad{1.0, {}, {}, count};
          if (has_score)
            bad.satisfaction_score = 4.4;
          if (has_latency)
            bad.avg_latency_ms = 320.0;
          const bool is_enough = count && *count > 0 && *count >= minimum;
          EXPECT_EQ(verdict_on(bad, spec), is_enough ? verdict::breach : verdict::no_data);
        }
      }
    }
  }
}

TEST(judge, too_few_conversations_are_no_data_whatever_the_values) {
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, 49}), verdict::no_data);
  EXPECT_EQ(verdict_on({0.9, 4.4, 320.0, 49}), verdict::no_data);
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, {}}), verdict::no_data);
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, 50}), verdict::pass);
}

TEST(judge, without_a_minimum_a_conversation_is_needed_still) {
  auto spec = with_defaults();
  spec.min_conversations = 0;
  EXPECT_EQ(judged({0.01, 4.4, 320.0, {}}, spec).problem, "conversation_count is missing");
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, {}}, spec), verdict::no_data);
  EXPECT_EQ(judged({0.01, 4.4, 320.0, 0}, spec).problem, "the canary has no conversations");
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, 0}, spec), verdict::no_data);
  EXPECT_EQ(verdict_on({0.01, 4.4, 320.0, 1}, spec), verdict::pass);
}

TEST(judge, zeros_that_are_told_of_no_conversations_are_no_breach) {
  auto spec = with_defaults();
  spec.min_conversations = 0;
  spec.analysis.hard.satisfaction_score = 1.0;
  EXPECT_EQ(verdict_on({0.0, 0.0, 0.0, 0}, spec), verdict::no_data);
}

TEST(judge, numbers_are_compared_to_the_last_digit) {
  EXPECT_EQ(verdict_on({0.01, 4.4, 2000.0000000000002, 1000}), verdict::breach);
  EXPECT_EQ(verdict_on({0.01, 4.4, text::read_decimal("2000.00000000000000000001"), 1000}),
            verdict::breach);
  EXPECT_EQ(verdict_on({0.01, 4.4, text::read_decimal("1999.99999999999999999999"), 1000}),
            verdict::pass);
  EXPECT_EQ(
      verdict_on({text::read_decimal("0.05000000000000000000000000000000001"), 4.4, 320.0, 1000}),
      verdict::breach);
  EXPECT_EQ(verdict_on({text::read_decimal("0.0500000000000000000000000000"), 4.4, 320.0, 1000}),
            verdict::pass);
  EXPECT_EQ(verdict_on({0.01, text::read_decimal("3.49999999999999999999"), 320.0, 1000}),
            verdict::breach);
  EXPECT_EQ(verdict_on({0.01, text::read_decimal("3.50000000000000000001"), 320.0, 1000}),
            verdict::pass);
}

TEST(judge, harm_is_shown_by_a_metric_past_its_limit_with_however_few_conversations) {
  const auto shows_harm = [](const metrics_sample& sample, const job::job& spec) {
    std::optional<evidence> none;
    return judge(spec, none, {sourced_sample{sample}, 15min, std::nullopt, {}, noon}).shows_harm;
  };
  auto spec = with_defaults();
  EXPECT_FALSE(shows_harm({0.05, 3.5, 2000.0, 1}, spec));
  EXPECT_TRUE(shows_harm({0.06, {}, {}, 1}, spec));
  EXPECT_TRUE(shows_harm({0.01, 3.4, {}, {}}, spec));
  spec.analysis.dry_run = {"error_rate"};
  EXPECT_FALSE(shows_harm({1.0, 4.4, 320.0, 1}, spec));
  spec = with_defaults();
  spec.analysis.optional = {"error_rate"};
  EXPECT_TRUE(shows_harm({1.0, 4.4, 320.0, 1}, spec));
}

TEST(judge, a_failed_poll_is_a_provider_error_that_keeps_its_cause) {
  const auto taken = judged(std::unexpected{error{.kind = fault::lost, .text = "cut off"}}, 15min);
  EXPECT_EQ(taken.outcome, verdict::provider_error);
  EXPECT_EQ(taken.problem, "cut off");
  EXPECT_TRUE(taken.metrics.empty());
}

TEST(judge, the_reading_holds_value_limit_count_and_window) {
  const auto taken = judged(sourced_sample{healthy, metrics_source::merged}, 2min);
  EXPECT_EQ(taken.at, noon);
  EXPECT_EQ(taken.window, 2min);
  EXPECT_EQ(taken.source, metrics_source::merged);
  EXPECT_EQ(taken.conversations, 1000);
  std::vector<judged_metric> expected{{"error_rate", 0.01, 0.05, verdict::pass},
                                      {"satisfaction_score", 4.4, 3.5, verdict::pass},
                                      {"avg_latency_ms", 320.0, 2000.0, verdict::pass}};
  expected[0].worse = expected[2].worse = job::worse_side::higher;
  expected[1].worse = job::worse_side::lower;
  EXPECT_EQ(taken.metrics, expected);
}

TEST(judge, a_check_says_on_which_side_of_its_limit_it_breaches) {
  auto spec = with_defaults();
  spec.analysis.checks = {{.metric = "cost", .limit = 2},
                          {.metric = "turns", .limit = 3, .is_minimum = true}};
  const auto taken = judged(healthy, spec);
  ASSERT_EQ(taken.metrics.size(), 5U);
  EXPECT_EQ(taken.metrics[3].worse, job::worse_side::higher);
  EXPECT_EQ(taken.metrics[4].worse, job::worse_side::lower);
}

TEST(judge, every_metric_is_judged_whatever_the_verdict) {
  const auto taken = judged({0.5, {}, 2500.0, 1000});
  ASSERT_EQ(taken.metrics.size(), 3U);
  EXPECT_EQ(taken.metrics[0].outcome, verdict::breach);
  EXPECT_EQ(taken.metrics[1].outcome, verdict::no_data);
  EXPECT_EQ(taken.metrics[2].outcome, verdict::breach);
}

TEST(judge, the_values_of_a_reading_read_back_as_a_sample) {
  EXPECT_EQ(sample_of(judged(healthy)), healthy);
  const metrics_sample with_gaps{{}, 4.4, {}, 1000};
  EXPECT_EQ(sample_of(judged(with_gaps)), with_gaps);
}

TEST(judge, a_check_of_the_conversations_does_not_tell_them_twice) {
  auto spec = with_defaults();
  spec.analysis.checks = {{.metric = "conversation_count", .limit = 100, .is_minimum = true}};
  auto sample = healthy;
  sample.further = {{"conversation_count", 1000}};
  const auto taken = judged(sample, spec);
  ASSERT_EQ(taken.metrics.size(), 4U);
  EXPECT_EQ(taken.metrics[3].value, 1000);
  EXPECT_EQ(sample_of(taken), healthy);
}

}  // namespace
}  // namespace canaryd::judge
