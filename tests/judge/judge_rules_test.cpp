// What `analysis` adds to the limits: the stable arm, hard limits, metrics without effect, further
// metrics (reference: "Judging").
#include "canaryd/judge/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace canaryd::judge {
namespace {

using namespace std::chrono_literals;

job::job held_against(job::comparison what, double tolerated_ratio = 1.0) {
  job::job spec;
  spec.steps = {{.canary_percent = 5.0, .hold = 300s}};
  spec.analysis.compare_to = what;
  spec.analysis.tolerated_ratio = tolerated_ratio;
  return spec;
}

reading judged(const job::job& spec, metrics_sample canary,
               std::optional<metrics_sample> stable = {}) {
  std::optional<evidence> none;
  std::optional<result<sourced_sample>> other;
  if (stable)
    other = sourced_sample{*std::move(stable)};
  return judge(spec, none,
               {sourced_sample{std::move(canary)}, 15min, other, 15min, wall_time{400'000h}})
      .taken;
}

verdict verdict_on(const job::job& spec, metrics_sample canary,
                   std::optional<metrics_sample> stable = {}) {
  return judged(spec, std::move(canary), std::move(stable)).outcome;
}

const judged_metric& metric_of(const reading& taken, std::string_view name) {
  return *std::ranges::find(taken.metrics, name, &judged_metric::name);
}

const metrics_sample healthy_sample{0.01, 4.4, 320.0, 1000};

metrics_sample with(const std::string& name, double value) {
  auto sample = healthy_sample;
  sample.further = {{name, value}};
  return sample;
}

TEST(stable_arm, a_canary_may_be_as_bad_as_it_and_no_worse) {
  const auto spec = held_against(job::comparison::stable);
  const metrics_sample busy{0.2, 2.0, 5000.0, 20'000};
  EXPECT_EQ(verdict_on(spec, {0.2, 1.5, 5000.0, 1000}, busy), verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.201, 2.0, 5000.0, 1000}, busy), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {0.2, 1.49, 5000.0, 1000}, busy), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {0.2, 2.0, 5001.0, 1000}, busy), verdict::breach);
}

TEST(stable_arm, a_tolerated_ratio_is_of_errors_and_latency) {
  const auto spec = held_against(job::comparison::stable, 1.5);
  const metrics_sample stable{0.02, 4.0, 300.0, 20'000};
  EXPECT_EQ(verdict_on(spec, {0.03, 3.5, 450.0, 1000}, stable), verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.0301, 3.5, 450.0, 1000}, stable), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {0.03, 3.5, 451.0, 1000}, stable), verdict::breach);
}

TEST(stable_arm, a_value_exactly_at_what_it_allows_passes_however_that_is_rounded) {
  const auto spec = held_against(job::comparison::stable, 1.15);
  EXPECT_EQ(verdict_on(spec, {0.01, 3.9, 115.0, 1000}, metrics_sample{0.01, 4.4, 100.0, 20'000}),
            verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.01, 0.3, 115.0, 1000}, metrics_sample{0.01, 0.8, 100.0, 20'000}),
            verdict::pass);
  EXPECT_EQ(
      verdict_on(spec, {0.01, 3.899999, 115.0, 1000}, metrics_sample{0.01, 4.4, 100.0, 20'000}),
      verdict::breach);
  EXPECT_EQ(
      verdict_on(spec, {0.01, 3.9, 115.000001, 1000}, metrics_sample{0.01, 4.4, 100.0, 20'000}),
      verdict::breach);
}

TEST(stable_arm, what_it_allows_is_held_to_the_last_digit) {
  const auto verdict_beside = [](double ratio, const metrics_sample& canary,
                                 const metrics_sample& stable) {
    return verdict_on(held_against(job::comparison::stable, ratio), canary, stable);
  };
  const metrics_sample stable{0.05, 4.4, 2000.0, 20'000};
  EXPECT_EQ(verdict_beside(1.0, {0.05, 4.4, 2000.0, 1000}, stable), verdict::pass);
  EXPECT_EQ(verdict_beside(1.0, {0.05, 4.4, 2000.0000000000002, 1000}, stable), verdict::breach);
  EXPECT_EQ(verdict_beside(1.0, {0.05000000000000001, 4.4, 2000.0, 1000}, stable), verdict::breach);
  EXPECT_EQ(verdict_beside(1.1, {0.055, 3.9, 2200.0, 1000}, stable), verdict::pass);
  EXPECT_EQ(verdict_beside(1.1, {0.05500000000000001, 3.9, 2200.0, 1000}, stable), verdict::breach);
  EXPECT_EQ(verdict_beside(1.1, {0.055, 3.8999999999999995, 2200.0, 1000}, stable),
            verdict::breach);
  const metrics_sample flawless{0.0, 4.4, 2000.0, 300};
  EXPECT_EQ(verdict_beside(1.0, {1.0 / 300, 4.4, 2000.0, 1000}, flawless), verdict::pass);
  EXPECT_EQ(verdict_beside(3.0, {0.01, 4.4, 2000.0, 1000}, flawless), verdict::pass);
  EXPECT_EQ(verdict_beside(3.0, {0.010000000000000002, 4.4, 2000.0, 1000}, flawless),
            verdict::breach);
}

TEST(stable_arm, one_that_fails_hides_no_breach_and_comes_before_a_lack_of_data) {
  auto spec = held_against(job::comparison::both);
  const auto verdict_beside_failure = [&](const metrics_sample& canary) {
    std::optional<evidence> none;
    const std::optional<result<sourced_sample>> failed{std::unexpected{error{.text = "cut off"}}};
    return judge(spec, none, {sourced_sample{canary}, 15min, failed, 15min, wall_time{400'000h}})
        .taken.outcome;
  };
  EXPECT_EQ(verdict_beside_failure({0.5, {}, 320.0, 1000}), verdict::breach);
  EXPECT_EQ(verdict_beside_failure({0.5, 4.4, 320.0, 49}), verdict::provider_error);
  EXPECT_EQ(verdict_beside_failure({0.01, {}, 320.0, 1000}), verdict::provider_error);
  EXPECT_EQ(verdict_beside_failure(healthy_sample), verdict::provider_error);
  spec = held_against(job::comparison::stable);
  EXPECT_EQ(verdict_beside_failure({0.5, 4.4, 320.0, 1000}), verdict::provider_error);
}

TEST(stable_arm, a_reading_tells_where_its_metrics_came_from_too) {
  const auto source_with = [](metrics_source canary, metrics_source stable) {
    std::optional<evidence> none;
    const std::optional<result<sourced_sample>> other{sourced_sample{healthy_sample, stable}};
    return judge(held_against(job::comparison::stable), none,
                 {sourced_sample{healthy_sample, canary}, 15min, other, 15min, wall_time{400'000h}})
        .taken.source;
  };
  using enum metrics_source;
  EXPECT_EQ(source_with(primary, primary), primary);
  EXPECT_EQ(source_with(fallback, fallback), fallback);
  EXPECT_EQ(source_with(primary, fallback), merged);
  EXPECT_EQ(source_with(fallback, primary), merged);
  EXPECT_EQ(source_with(primary, merged), merged);
}

TEST(stable_arm, one_without_errors_is_taken_to_have_one) {
  const auto spec = held_against(job::comparison::stable);
  const metrics_sample flawless{0.0, 4.4, 320.0, 200};
  EXPECT_EQ(verdict_on(spec, {0.005, 4.4, 320.0, 1000}, flawless), verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.0051, 4.4, 320.0, 1000}, flawless), verdict::breach);
}

TEST(stable_arm, the_limit_it_sets_is_a_number_whatever_is_tolerated) {
  const auto taken = judged(held_against(job::comparison::stable, 1e300), healthy_sample,
                            metrics_sample{0.5, 4.0, 1e300, 5000});
  EXPECT_EQ(metric_of(taken, "avg_latency_ms").limit, 1e300);
  EXPECT_EQ(taken.outcome, verdict::pass);
}

TEST(stable_arm, the_limit_it_sets_is_recorded_with_its_value) {
  const auto taken = judged(held_against(job::comparison::stable, 2.0), healthy_sample,
                            metrics_sample{0.03, 4.0, 300, 5000});
  EXPECT_DOUBLE_EQ(metric_of(taken, "error_rate").limit, 0.06);
  EXPECT_EQ(metric_of(taken, "error_rate").stable, 0.03);
  EXPECT_DOUBLE_EQ(metric_of(taken, "satisfaction_score").limit, 3.5);
  EXPECT_DOUBLE_EQ(metric_of(taken, "avg_latency_ms").limit, 600.0);
}

TEST(stable_arm, one_without_enough_conversations_is_no_data) {
  const auto spec = held_against(job::comparison::stable);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, 4.4, 320.0, 49}),
            verdict::no_data);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, 4.4, 320.0, 50}), verdict::pass);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, {}, 320.0, 500}),
            verdict::no_data);
}

TEST(stable_arm, without_a_minimum_one_without_conversations_is_still_no_data) {
  auto spec = held_against(job::comparison::stable);
  spec.min_conversations = 0;
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{{}, {}, {}, 0}), verdict::no_data);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, 4.4, 320.0, 0}),
            verdict::no_data);
}

TEST(both, a_breach_by_either_is_a_breach) {
  const auto spec = held_against(job::comparison::both);
  const metrics_sample bad{0.2, 4.4, 320.0, 5000};
  const metrics_sample good{0.001, 4.4, 320.0, 5000};
  EXPECT_EQ(verdict_on(spec, {0.06, 4.4, 320.0, 1000}, bad), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {0.04, 4.4, 320.0, 1000}, good), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {0.04, 4.4, 320.0, 1000}, bad), verdict::pass);
}

TEST(both, the_stricter_limit_is_recorded) {
  const auto spec = held_against(job::comparison::both);
  const auto strict = judged(spec, healthy_sample, metrics_sample{0.02, 4.4, 320.0, 5000});
  EXPECT_DOUBLE_EQ(metric_of(strict, "error_rate").limit, 0.02);
  EXPECT_DOUBLE_EQ(metric_of(strict, "satisfaction_score").limit, 3.9);
  const auto lax = judged(spec, healthy_sample, metrics_sample{0.2, 3.0, 9000.0, 5000});
  EXPECT_DOUBLE_EQ(metric_of(lax, "error_rate").limit, 0.05);
  EXPECT_DOUBLE_EQ(metric_of(lax, "satisfaction_score").limit, 3.5);
}

TEST(both, past_its_limit_it_breaches_even_where_the_stable_arm_has_no_data) {
  const auto spec = held_against(job::comparison::both);
  const metrics_sample thin{0.01, 4.4, 320.0, 3};
  EXPECT_EQ(verdict_on(spec, {0.06, 4.4, 320.0, 1000}, thin), verdict::breach);
  EXPECT_EQ(verdict_on(spec, healthy_sample, thin), verdict::no_data);
}

TEST(hard_limit, one_reading_past_it_is_told_apart) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.hard = {.error_rate = 0.3, .satisfaction_score = 2.0, .max_latency_ms = 9000.0};
  const auto past = [&](const metrics_sample& sample) {
    return is_past_hard_limit(judged(spec, sample));
  };
  EXPECT_FALSE(past({0.3, 2.0, 9000.0, 1000}));
  EXPECT_TRUE(past({0.301, 4.4, 320.0, 1000}));
  EXPECT_TRUE(past({0.01, 1.99, 320.0, 1000}));
  EXPECT_TRUE(past({0.01, 4.4, 9001.0, 1000}));
}

TEST(hard_limit, it_is_the_limit_that_is_shown) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.hard.error_rate = 0.3;
  EXPECT_EQ(metric_of(judged(spec, {0.31, 4.4, 320.0, 1000}), "error_rate").limit, 0.3);
  EXPECT_EQ(metric_of(judged(spec, {0.29, 4.4, 320.0, 1000}), "error_rate").limit, 0.05);
}

TEST(no_data, the_reading_says_what_there_is_too_little_of) {
  EXPECT_EQ(judged(held_against(job::comparison::limit), {0.01, 4.4, 320.0, 49}).problem,
            "the canary has 49 conversations and needs 50");
  EXPECT_EQ(judged(held_against(job::comparison::limit), {0.01, 4.4, 320.0, 1}).problem,
            "the canary has 1 conversation and needs 50");
  EXPECT_EQ(judged(held_against(job::comparison::limit), {0.01, {}, 320.0, 100}).problem,
            "satisfaction_score is missing");
  EXPECT_EQ(
      judged(held_against(job::comparison::stable), healthy_sample, metrics_sample{{}, {}, {}, 0})
          .problem,
      "the stable arm has no error_rate, or too few conversations");
}

TEST(hard_limit, it_wants_enough_conversations) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.hard.error_rate = 0.3;
  EXPECT_EQ(verdict_on(spec, {0.9, 4.4, 320.0, 49}), verdict::no_data);
  EXPECT_FALSE(is_past_hard_limit(judged(spec, {0.9, 4.4, 320.0, 49})));
  EXPECT_TRUE(is_past_hard_limit(judged(spec, {0.9, 4.4, 320.0, 50})));
}

TEST(hard_limit, it_holds_beside_a_missing_metric) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.hard.error_rate = 0.3;
  EXPECT_EQ(verdict_on(spec, {0.9, {}, 320.0, 1000}), verdict::breach);
}

TEST(hard_limit, it_holds_beside_a_stable_arm_that_is_as_bad) {
  auto spec = held_against(job::comparison::stable);
  spec.analysis.hard.error_rate = 0.3;
  const auto taken = judged(spec, {0.5, 4.4, 320.0, 1000}, metrics_sample{0.5, 4, 320, 5000});
  EXPECT_TRUE(is_past_hard_limit(taken));
  EXPECT_TRUE(counts_as_breach(metric_of(taken, "error_rate")));
}

TEST(dry_run, a_metric_is_judged_and_recorded_without_effect) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.dry_run = {"error_rate"};
  spec.analysis.hard.error_rate = 0.3;
  const auto taken = judged(spec, {0.9, 4.4, 320.0, 1000});
  EXPECT_EQ(taken.outcome, verdict::pass);
  EXPECT_EQ(metric_of(taken, "error_rate").outcome, verdict::breach);
  EXPECT_TRUE(metric_of(taken, "error_rate").dry_run);
  EXPECT_FALSE(is_past_hard_limit(taken));
  EXPECT_FALSE(counts_as_breach(metric_of(taken, "error_rate")));
}

TEST(optional, a_metric_is_judged_where_it_is_there_and_no_lack_of_data_where_not) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.optional = {"satisfaction_score"};
  EXPECT_EQ(verdict_on(spec, {0.01, {}, 320.0, 1000}), verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.01, 3.4, 320.0, 1000}), verdict::breach);
  EXPECT_EQ(verdict_on(spec, {{}, {}, 320.0, 1000}), verdict::no_data);
  EXPECT_EQ(verdict_on(spec, {0.01, {}, 320.0, 49}), verdict::no_data);
  const auto taken = judged(spec, {0.01, {}, 320.0, 1000});
  EXPECT_TRUE(metric_of(taken, "satisfaction_score").optional);
  EXPECT_EQ(metric_of(taken, "satisfaction_score").outcome, verdict::no_data);
  EXPECT_FALSE(metric_of(taken, "error_rate").optional);
}

TEST(optional, a_hard_limit_holds_for_it) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.optional = {"satisfaction_score"};
  spec.analysis.hard.satisfaction_score = 2.0;
  EXPECT_TRUE(is_past_hard_limit(judged(spec, {0.01, 1.9, 320.0, 1000})));
}

TEST(optional, a_check_may_be) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.checks = {{.metric = "escalation_rate", .limit = 0.1}};
  spec.analysis.optional = {"escalation_rate"};
  EXPECT_EQ(verdict_on(spec, healthy_sample), verdict::pass);
  EXPECT_EQ(verdict_on(spec, with("escalation_rate", 0.11)), verdict::breach);
}

TEST(optional, the_stable_arm_may_lack_it_but_not_its_conversations) {
  auto spec = held_against(job::comparison::stable);
  spec.analysis.optional = {"satisfaction_score"};
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, {}, 320.0, 500}), verdict::pass);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, 5.0, 320.0, 500}),
            verdict::breach);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{{}, {}, 320.0, 500}), verdict::no_data);
  spec.analysis.optional = {"error_rate", "satisfaction_score", "avg_latency_ms"};
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{0.01, 4.4, 320.0, 49}),
            verdict::no_data);
  EXPECT_EQ(verdict_on(spec, healthy_sample, metrics_sample{{}, {}, {}, 500}), verdict::pass);
}

TEST(dry_run, a_missing_metric_is_not_no_data) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.dry_run = {"satisfaction_score"};
  EXPECT_EQ(verdict_on(spec, {0.01, {}, 320.0, 1000}), verdict::pass);
  EXPECT_EQ(verdict_on(spec, {0.2, {}, 320.0, 1000}), verdict::breach);
}

TEST(checks, further_metrics_have_a_maximum_or_a_minimum) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.checks = {{.metric = "escalation_rate", .limit = 0.1}};
  EXPECT_EQ(verdict_on(spec, with("escalation_rate", 0.1)), verdict::pass);
  EXPECT_EQ(verdict_on(spec, with("escalation_rate", 0.11)), verdict::breach);
  spec.analysis.checks = {{.metric = "containment", .limit = 0.8, .is_minimum = true}};
  EXPECT_EQ(verdict_on(spec, with("containment", 0.8)), verdict::pass);
  EXPECT_EQ(verdict_on(spec, with("containment", 0.79)), verdict::breach);
}

TEST(checks, a_missing_one_is_no_data_unless_it_is_without_effect) {
  auto spec = held_against(job::comparison::limit);
  spec.analysis.checks = {{.metric = "escalation_rate", .limit = 0.1}};
  EXPECT_EQ(verdict_on(spec, healthy_sample), verdict::no_data);
  spec.analysis.dry_run = {"escalation_rate"};
  EXPECT_EQ(verdict_on(spec, healthy_sample), verdict::pass);
}

TEST(checks, they_are_held_against_their_limits_beside_the_stable_arm) {
  auto spec = held_against(job::comparison::stable);
  spec.analysis.checks = {{.metric = "escalation_rate", .limit = 0.1}};
  EXPECT_EQ(verdict_on(spec, with("escalation_rate", 0.11), healthy_sample), verdict::breach);
  EXPECT_EQ(verdict_on(spec, with("escalation_rate", 0.1), healthy_sample), verdict::pass);
}

}  // namespace
}  // namespace canaryd::judge
