// The tests of the sequential method: which tests there are, what share of alpha each gets, and
// what they decide (reference: "Judging").
#include "canaryd/judge/bernoulli_test.hpp"
#include "canaryd/judge/judge.hpp"
#include "canaryd/judge/label_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace canaryd::judge {
namespace {

using namespace std::chrono_literals;

struct arm {
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  double score = 4.4;
  double latency_ms = 320.0;
};

metrics_sample told_by(const arm& counted) {
  metrics_sample sample;
  sample.conversation_count = sample.satisfaction_count = counted.conversations;
  sample.error_rate =
      static_cast<double>(counted.errors) / static_cast<double>(counted.conversations);
  sample.satisfaction_score = counted.score;
  sample.avg_latency_ms = counted.latency_ms;
  return sample;
}

class judge_sequential : public testing::Test {
 protected:
  void SetUp() override {
    spec.steps = {{.canary_percent = 5.0, .hold = 1h}};
    spec.analysis.method = job::judging_method::sequential;
  }

  const reading& reads_sample(const metrics_sample& canary,
                              std::optional<metrics_sample> stable = {}) {
    std::optional<result<sourced_sample>> other;
    if (stable)
      other = sourced_sample{*std::move(stable)};
    auto made = judge(spec, gathered,
                      {sourced_sample{canary}, 15min, other, stable_window, wall_time{400'000h}});
    newest = std::move(made.taken);
    notes = std::move(made.notes);
    has_counted = made.has_counted;
    return newest;
  }
  const reading& reads(const arm& canary) { return reads_sample(told_by(canary)); }
  const reading& reads(const arm& canary, const arm& stable) {
    return reads_sample(told_by(canary), told_by(stable));
  }

  const judged_metric& metric(std::string_view name) const {
    return *std::ranges::find(newest.metrics, name, &judged_metric::name);
  }
  double needed() const { return metric("error_rate").evidence->needed; }

  job::job spec;
  duration stable_window = 15min;
  std::optional<evidence> gathered = evidence{};
  reading newest;
  std::vector<note> notes;
  bool has_counted = false;
};

TEST_F(judge_sequential, tests_share_alpha_equally) {
  reads({100, 1});
  EXPECT_DOUBLE_EQ(needed(), 2 / 0.05);
  EXPECT_DOUBLE_EQ(metric("satisfaction_score").evidence->needed, 2 / 0.05);
  spec.analysis.compare_to = job::comparison::both;
  reads({100, 1}, {1000, 10});
  EXPECT_DOUBLE_EQ(needed(), 3 / 0.05);
  spec.analysis.compare_to = job::comparison::stable;
  reads({100, 1}, {1000, 10});
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  spec.analysis.alpha = 0.01;
  reads({100, 1}, {1000, 10});
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.01);
}

TEST_F(judge_sequential, what_has_no_effect_has_no_share) {
  spec.analysis.dry_run = {"satisfaction_score"};
  reads({100, 1});
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  spec.analysis.dry_run = {"error_rate"};
  reads({100, 1});
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  spec.analysis.dry_run = {"error_rate", "satisfaction_score"};
  reads({100, 1});
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  EXPECT_EQ(metric("error_rate").outcome, verdict::pass);
}

TEST_F(judge_sequential, scores_that_may_still_come_have_a_share) {
  auto sample = told_by({100, 1});
  sample.satisfaction_score.reset();
  sample.satisfaction_count.reset();
  reads_sample(sample);
  EXPECT_DOUBLE_EQ(needed(), 2 / 0.05);
}

TEST_F(judge_sequential, scores_that_are_not_counted_have_no_share) {
  spec.analysis.checks = {{.metric = "handovers", .limit = 0.1}};
  auto sample = told_by({100, 1});
  sample.satisfaction_count.reset();
  reads_sample(sample);
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  EXPECT_FALSE(metric("satisfaction_score").evidence);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0].text, testing::HasSubstr("satisfaction_score, avg_latency_ms, handovers"));
  reads_sample(sample);
  EXPECT_TRUE(notes.empty());
}

TEST_F(judge_sequential, the_error_rate_is_tested_against_the_limit) {
  reads({100, 10});
  const auto& shown = *metric("error_rate").evidence;
  EXPECT_NEAR(shown.against, 0.615811, 1e-5);
  EXPECT_NEAR(shown.within, 0.145806, 1e-5);
  EXPECT_EQ(shown.trials, 100);
  EXPECT_EQ(shown.events, 10);
  EXPECT_NEAR(shown.rounding, 0.0, 1e-9);
}

// A single test with alpha 0.05 rejects at these known numbers of errors.
TEST_F(judge_sequential, it_rejects_where_the_evidence_is_enough) {
  spec.analysis.dry_run = {"satisfaction_score"};
  for (const auto& [conversations, errors] : {std::pair{100, 14}, {200, 23}, {1000, 78}}) {
    gathered = evidence{};
    EXPECT_EQ(reads({conversations, errors - 1}).outcome, verdict::pass) << conversations;
    gathered = evidence{};
    EXPECT_EQ(reads({conversations, errors}).outcome, verdict::breach) << conversations;
    EXPECT_TRUE(is_rejected(newest));
  }
}

TEST_F(judge_sequential, the_rounding_of_a_rate_is_recorded) {
  auto sample = told_by({300, 10});
  sample.error_rate = 0.033;
  reads_sample(sample);
  EXPECT_EQ(metric("error_rate").evidence->events, 10);
  EXPECT_NEAR(metric("error_rate").evidence->rounding, -0.1, 1e-9);
}

TEST_F(judge_sequential, scores_are_tested_as_a_bounded_mean) {
  reads({40, 0, 2.5});
  const auto& shown = *metric("satisfaction_score").evidence;
  EXPECT_NEAR(shown.against, std::exp(test_rate(0.3, 20.0, 40).above), 1e-6);
  EXPECT_EQ(shown.trials, 40);
  EXPECT_NEAR(shown.events, 20.0, 1e-9);
}

TEST_F(judge_sequential, what_an_answer_lacks_is_no_trial) {
  reads({100, 10, 2.5});
  auto sample = told_by({400, 0, 2.5});
  sample.error_rate.reset();
  sample.satisfaction_count = 120;
  reads_sample(sample);
  EXPECT_NEAR(metric("error_rate").evidence->against, std::exp(test_rate(0.05, 10, 100).above),
              1e-6);
  EXPECT_NEAR(metric("satisfaction_score").evidence->within,
              std::exp(test_rate(0.3, 60.0, 120).below), 1e-6);
}

TEST_F(judge_sequential, a_mean_that_new_scores_cannot_have_made_waits_for_enough_of_them) {
  reads({100, 0, 4.4});
  // Ten scores of 5 would have made it 4.45.
  reads({110, 0, 4.5});
  EXPECT_EQ(gathered->total.rated, 100);
  EXPECT_NEAR(gathered->total.dissatisfaction, 100 * 0.12, 1e-9);
  EXPECT_FALSE(gathered->shrunk);
  reads({110, 0, 4.0});
  EXPECT_EQ(gathered->total.rated, 110);
  EXPECT_NEAR(gathered->total.dissatisfaction, 110 * 0.2, 1e-9);
}

TEST_F(judge_sequential, other_scores_in_the_place_of_those_that_are_counted_are_no_evidence) {
  reads({70, 0, 4.9});
  const auto before = *metric("satisfaction_score").evidence;
  EXPECT_EQ(reads({70, 0, 1.0}).outcome, verdict::pass);
  EXPECT_EQ(*metric("satisfaction_score").evidence, before);
  EXPECT_EQ(notes.size(), 1U);
  EXPECT_TRUE(gathered->shrunk);
  // Neither the count alone nor the sum alone catches up.
  reads({100, 0, 1.0});
  EXPECT_EQ(gathered->total.rated, 70);
  EXPECT_TRUE(notes.empty());
  reads({400, 0, 1.0});
  EXPECT_EQ(gathered->total.rated, 400);
  EXPECT_NEAR(gathered->total.dissatisfaction, 400 * 0.8, 1e-9);
  EXPECT_FALSE(gathered->shrunk);
}

TEST_F(judge_sequential, better_scores_in_the_place_of_those_that_are_counted_undo_no_evidence) {
  reads({70, 0, 3.0});
  reads({70, 0, 5.0});
  EXPECT_NEAR(gathered->total.dissatisfaction, 70 * 0.4, 1e-9);
  EXPECT_TRUE(gathered->shrunk);
}

TEST_F(judge_sequential, scores_at_either_end_of_the_scale_are_counted_as_they_come) {
  for (const double best : {5.0, 0.0}) {
    gathered = evidence{};
    for (const int count : {7, 21, 22, 1000}) {
      // The first seven differ a little from the best or worst score, and all after them do not.
      const double mean = best == 0.0 ? 2.59 / count : 5.0 - 2.59 / count;
      reads({count, 0, mean});
      EXPECT_EQ(gathered->total.rated, count);
    }
  }
}

TEST_F(judge_sequential, whether_scores_are_tested_is_settled_by_the_first_that_is_told) {
  auto sample = told_by({100, 1});
  sample.satisfaction_count.reset();
  reads_sample(sample);
  reads({200, 2, 1.0});
  EXPECT_FALSE(metric("satisfaction_score").evidence);
  EXPECT_DOUBLE_EQ(needed(), 1 / 0.05);
  EXPECT_FALSE(is_rejected(newest));
  gathered = evidence{};
  sample.satisfaction_score.reset();
  reads_sample(sample);
  reads({200, 2, 1.0});
  EXPECT_TRUE(metric("satisfaction_score").evidence);
  EXPECT_DOUBLE_EQ(needed(), 2 / 0.05);
}

TEST_F(judge_sequential, it_is_settled_by_an_answer_that_adds_nothing_as_well) {
  auto sample = told_by({100, 1});
  sample.satisfaction_count.reset();
  judge(spec, gathered,
        {sourced_sample{sample}, 15min, std::nullopt, 15min, wall_time{400'000h}, false});
  reads({200, 2, 1.0});
  EXPECT_FALSE(metric("satisfaction_score").evidence);
}

TEST_F(judge_sequential, proof_does_not_wait_for_what_is_optional) {
  spec.analysis.optional = {"satisfaction_score"};
  reads({300, 1, 3.6});
  EXPECT_LT(metric("satisfaction_score").evidence->within, needed());
  EXPECT_TRUE(is_proven(newest));
  EXPECT_DOUBLE_EQ(needed(), 2 / 0.05);
  auto sample = told_by({400, 1});
  sample.satisfaction_score.reset();
  EXPECT_EQ(reads_sample(sample).outcome, verdict::pass);
  EXPECT_TRUE(is_proven(newest));
  gathered = evidence{};
  EXPECT_EQ(reads({100, 0, 1.0}).outcome, verdict::breach);
  EXPECT_TRUE(is_rejected(newest));
}

TEST_F(judge_sequential, a_rate_above_its_limit_shows_harm_before_there_is_evidence) {
  const auto shows_harm = [&](const arm& counted) {
    gathered = evidence{};
    return judge(spec, gathered,
                 {sourced_sample{told_by(counted)}, 15min, std::nullopt, {}, wall_time{400'000h}})
        .shows_harm;
  };
  EXPECT_TRUE(shows_harm({3, 1}));
  EXPECT_FALSE(shows_harm({30, 1}));
}

TEST_F(judge_sequential, without_a_minimum_a_missing_count_is_no_data_still) {
  spec.min_conversations = 0;
  auto sample = told_by({100, 100});
  sample.conversation_count.reset();
  EXPECT_EQ(reads_sample(sample).outcome, verdict::no_data);
  EXPECT_EQ(newest.problem, "conversation_count is missing");
}

TEST_F(judge_sequential, against_the_stable_arm_it_asks_whose_the_errors_are) {
  spec.analysis.compare_to = job::comparison::stable;
  reads({50, 8}, {950, 40});
  evidence expected;
  add_block(expected, {50, 950, 8, 40}, 1.0);
  EXPECT_NEAR(metric("error_rate").evidence->against, std::exp(log_worse(expected)), 1e-6);
  EXPECT_EQ(newest.outcome, verdict::breach);
}

TEST_F(judge_sequential, what_is_tolerated_beside_the_stable_arm_is_no_evidence_against_it) {
  spec.analysis.compare_to = job::comparison::stable;
  spec.analysis.tolerated_ratio = 2.0;
  reads({1000, 100}, {9000, 450});
  evidence expected;
  add_block(expected, {1000, 9000, 100, 450}, 2.0);
  EXPECT_EQ(gathered->worse, expected.worse);
  EXPECT_EQ(newest.outcome, verdict::pass);
}

TEST_F(judge_sequential, a_rise_that_hits_both_arms_alike_does_not_roll_back) {
  spec.analysis.compare_to = job::comparison::stable;
  for (int i = 1; i <= 20; ++i)
    EXPECT_EQ(reads({100 * i, 10 * i, 2.0}, {900 * i, 90 * i, 2.1}).outcome, verdict::pass);
}

TEST_F(judge_sequential, against_the_stable_arm_scores_keep_to_the_threshold_rule) {
  spec.analysis.compare_to = job::comparison::stable;
  reads({100, 1, 3.0}, {900, 9, 4.0});
  EXPECT_FALSE(metric("satisfaction_score").evidence);
  EXPECT_EQ(metric("satisfaction_score").outcome, verdict::breach);
  EXPECT_FALSE(is_rejected(newest));
}

TEST_F(judge_sequential,
       with_both_a_score_far_below_the_stable_arms_breaches_by_the_threshold_rule) {
  spec.analysis.compare_to = job::comparison::both;
  reads({100, 1, 3.95}, {900, 9, 4.4});
  EXPECT_EQ(newest.outcome, verdict::pass);
  reads({200, 2, 3.85}, {1800, 18, 4.4});
  EXPECT_EQ(newest.outcome, verdict::breach);
  EXPECT_FALSE(is_rejected(newest));
}

TEST_F(judge_sequential, what_is_tested_is_no_breach_before_there_is_evidence) {
  EXPECT_EQ(reads({60, 4, 3.4}).outcome, verdict::pass);
  spec.analysis.compare_to = job::comparison::stable;
  EXPECT_EQ(reads({120, 8}, {900, 45}).outcome, verdict::pass);
}

TEST_F(judge_sequential, with_both_the_stronger_evidence_counts_against_it) {
  spec.analysis.compare_to = job::comparison::both;
  reads({1000, 40}, {9000, 45});
  EXPECT_LT(test_rate(0.05, 40, 1000).above, 0.0);
  EXPECT_EQ(newest.outcome, verdict::breach);
  EXPECT_TRUE(is_rejected(newest));
}

TEST_F(judge_sequential, with_both_the_weaker_evidence_is_what_is_proven) {
  spec.analysis.compare_to = job::comparison::both;
  spec.analysis.tolerated_ratio = 2.0;
  const auto within = [&](const arm& canary, const arm& stable) {
    gathered = evidence{};
    reads(canary, stable);
    return metric("error_rate").evidence->within;
  };
  EXPECT_NEAR(within({300, 3}, {2700, 27}), std::exp(log_better(*gathered)), 1e-6);
  EXPECT_FALSE(is_proven(newest));
  EXPECT_NEAR(within({1000, 45}, {9000, 1800}), std::exp(test_rate(0.05, 45, 1000).below), 1e-6);
  EXPECT_FALSE(is_proven(newest));
}

TEST_F(judge_sequential, both_arms_blocks_are_of_one_stretch_of_time) {
  spec.analysis.compare_to = job::comparison::stable;
  reads_sample(told_by({1000, 10}), metrics_sample{.conversation_count = 9000});
  EXPECT_EQ(gathered->paired, paired_counts{});
  reads({1000, 10}, {9000, 90});
  const auto before = *gathered;
  // The canary fails while one arm gives no answer, shrinks, or answers for a longer window.
  reads_sample(told_by({2000, 510}), metrics_sample{.conversation_count = 18'000});
  EXPECT_EQ(gathered->worse, before.worse);
  reads({999, 10}, {18'000, 4590});
  EXPECT_EQ(gathered->worse, before.worse);
  reads({2000, 510}, {8999, 90});
  EXPECT_EQ(gathered->worse, before.worse);
  stable_window = 14min;
  reads({2000, 510}, {18'000, 4590});
  EXPECT_EQ(gathered->worse, before.worse);
  stable_window = 15min;
  reads({3000, 520}, {27'000, 4680});
  EXPECT_EQ(newest.outcome, verdict::pass);
  EXPECT_EQ(gathered->paired, (paired_counts{3000, 520, 27'000, 4680}));
  auto expected = before;
  add_block(expected, {2000, 18'000, 510, 4590}, 1.0);
  EXPECT_EQ(gathered->worse, expected.worse);
  EXPECT_EQ(gathered->better, expected.better);
}

TEST_F(judge_sequential, enough_of_the_stable_arm_since_the_deploy_is_enough) {
  spec.analysis.compare_to = job::comparison::stable;
  reads({1000, 10}, {40, 0});
  EXPECT_EQ(newest.outcome, verdict::no_data);
  reads({1100, 11}, {60, 1});
  EXPECT_EQ(newest.outcome, verdict::pass);
  begin_counting(*gathered);
  reads({100, 1}, {10, 0});
  EXPECT_EQ(newest.outcome, verdict::pass);
  EXPECT_EQ(gathered->stable_total, 70);
}

TEST_F(judge_sequential, a_stable_arm_that_fails_hides_no_breach_of_a_limit) {
  spec.analysis.compare_to = job::comparison::both;
  std::optional<result<sourced_sample>> failed = std::unexpected{error{.text = "cut off"}};
  const auto taken =
      judge(spec, gathered,
            {sourced_sample{told_by({200, 100})}, 15min, failed, 15min, wall_time{400'000h}})
          .taken;
  EXPECT_EQ(taken.outcome, verdict::breach);
  gathered = evidence{};
  const auto healthy =
      judge(spec, gathered,
            {sourced_sample{told_by({200, 1})}, 15min, failed, 15min, wall_time{400'000h}})
          .taken;
  EXPECT_EQ(healthy.outcome, verdict::provider_error);
  EXPECT_EQ(healthy.problem, "stable arm: cut off");
}

TEST_F(judge_sequential, what_keeps_to_the_threshold_rule_is_named) {
  const auto named = [&](job::comparison what) {
    spec.analysis.compare_to = what;
    gathered = evidence{};
    reads({1000, 10}, {9000, 90});
    return notes.size() == 1 ? notes.front().text : "";
  };
  spec.analysis.checks = {{.metric = "handover_rate", .limit = 0.2}};
  EXPECT_THAT(named(job::comparison::limit),
              testing::EndsWith("these metrics: avg_latency_ms, handover_rate"));
  EXPECT_THAT(named(job::comparison::stable),
              testing::EndsWith(": satisfaction_score, avg_latency_ms, handover_rate"));
  EXPECT_THAT(named(job::comparison::both),
              testing::EndsWith(": satisfaction_score against the stable arm, avg_latency_ms, "
                                "handover_rate"));
}

TEST_F(judge_sequential, scores_that_are_not_counted_any_more_keep_to_the_threshold_rule) {
  reads({100, 1});
  auto sample = told_by({200, 2, 0.5});
  sample.satisfaction_count.reset();
  reads_sample(sample);
  EXPECT_EQ(newest.outcome, verdict::breach);
  EXPECT_FALSE(is_rejected(newest));
  EXPECT_DOUBLE_EQ(needed(), 2 / 0.05);
}

TEST_F(judge_sequential, what_has_no_effect_and_is_missing_keeps_nothing_from_being_counted) {
  spec.analysis.dry_run = {"error_rate"};
  auto sample = told_by({1000, 0});
  sample.error_rate.reset();
  reads_sample(sample);
  EXPECT_EQ(newest.outcome, verdict::pass);
  EXPECT_EQ(gathered->total.rated, 1000);
  EXPECT_TRUE(has_counted);
}

TEST_F(judge_sequential, fewer_conversations_errors_or_scores_than_before_are_told) {
  const auto shrinks = [&](const arm& counted, std::int64_t rated) {
    gathered = evidence{};
    reads({100, 5});
    auto sample = told_by(counted);
    sample.satisfaction_count = rated;
    reads_sample(sample);
    return gathered->shrunk;
  };
  EXPECT_FALSE(shrinks({100, 5}, 100));
  EXPECT_TRUE(shrinks({99, 5}, 100));
  EXPECT_TRUE(shrinks({200, 4}, 100));
  EXPECT_TRUE(shrinks({200, 5}, 99));
}

TEST_F(judge_sequential, what_shrinks_adds_nothing_until_it_has_caught_up) {
  reads({100, 5});
  auto sample = told_by({200, 4});
  sample.satisfaction_count = 90;
  reads_sample(sample);
  EXPECT_FALSE(has_counted);
  EXPECT_EQ(gathered->total.trials, 100);
  EXPECT_EQ(gathered->total.errors, 5);
  EXPECT_EQ(gathered->total.rated, 100);
  reads({210, 6});
  EXPECT_TRUE(has_counted);
  EXPECT_EQ(gathered->total.trials, 210);
  EXPECT_EQ(gathered->total.errors, 6);
  EXPECT_EQ(gathered->total.rated, 210);
}

TEST_F(judge_sequential, an_answer_with_nothing_new_has_counted_all_there_is) {
  reads({100, 1});
  EXPECT_TRUE(has_counted);
  reads({100, 1});
  EXPECT_TRUE(has_counted);
  EXPECT_EQ(gathered->total.conversations, 100);
  reads({100, 2});
  EXPECT_FALSE(has_counted);
  reads_sample({});
  EXPECT_FALSE(has_counted);
}

TEST_F(judge_sequential, fewer_conversations_of_the_stable_arm_than_before_are_told) {
  spec.analysis.compare_to = job::comparison::stable;
  reads({1000, 10}, {9000, 90});
  reads({2000, 20}, {8000, 80});
  EXPECT_TRUE(gathered->shrunk);
  EXPECT_EQ(gathered->stable_total, 9000);
  reads({3000, 30}, {10'000, 100});
  EXPECT_FALSE(gathered->shrunk);
  EXPECT_EQ(gathered->stable_total, 10'000);
}

TEST_F(judge_sequential, fewer_errors_by_rounding_are_not_told) {
  auto sample = told_by({1000, 30});
  sample.error_rate = 0.03;
  reads_sample(sample);
  sample.conversation_count = 1010;
  sample.error_rate = 0.0287;
  reads_sample(sample);
  EXPECT_FALSE(gathered->shrunk);
  reads({1020, 29});
  EXPECT_TRUE(gathered->shrunk);
}

TEST_F(judge_sequential, arms_of_different_windows_are_said_to_be_so) {
  spec.analysis.compare_to = job::comparison::stable;
  stable_window = 14min;
  reads({1000, 10}, {9000, 90});
  EXPECT_EQ(newest.outcome, verdict::no_data);
  EXPECT_EQ(newest.problem, "the arms answered for different windows");
}

TEST_F(judge_sequential, the_smallest_alpha_leaves_numbers_and_a_judgement) {
  spec.analysis.alpha = 5e-324;
  reads({5000, 5000});
  EXPECT_LE(needed(), 1e300);
  EXPECT_EQ(metric("error_rate").evidence->against, 1e300);
  EXPECT_EQ(newest.outcome, verdict::breach);
  EXPECT_TRUE(is_rejected(newest));
  gathered = evidence{};
  reads({50'000, 0});
  EXPECT_TRUE(is_proven(newest));
}

TEST_F(judge_sequential, a_test_rejects_with_enough_conversations_and_its_metric_alone) {
  EXPECT_EQ(reads({49, 49}).outcome, verdict::no_data);
  EXPECT_EQ(newest.problem, "the canary has 49 conversations and needs 50");
  auto sample = told_by({60, 49});
  sample.error_rate.reset();
  EXPECT_EQ(reads_sample(sample).outcome, verdict::no_data);
  EXPECT_EQ(newest.problem, "error_rate is missing");
  EXPECT_EQ(reads({61, 49}).outcome, verdict::breach);
}

TEST_F(judge_sequential, a_share_without_conversations_is_no_data_whatever_else_it_tells) {
  reads({100, 1});
  begin_counting(*gathered);
  auto sample = told_by({100, 1});
  sample.conversation_count = 0;
  EXPECT_EQ(reads_sample(sample).outcome, verdict::no_data);
  EXPECT_EQ(newest.problem, "the canary has no conversations");
}

TEST_F(judge_sequential, a_stable_arm_without_conversations_is_no_data) {
  spec.analysis.compare_to = job::comparison::stable;
  metrics_sample nothing;
  nothing.conversation_count = 0;
  EXPECT_EQ(reads_sample(told_by({100, 1}), nothing).outcome, verdict::no_data);
}

TEST_F(judge_sequential, a_test_that_rejects_is_a_breach_beside_a_missing_metric) {
  auto sample = told_by({100, 30});
  sample.avg_latency_ms.reset();
  EXPECT_EQ(reads_sample(sample).outcome, verdict::breach);
  gathered = evidence{};
  sample = told_by({100, 1});
  sample.avg_latency_ms.reset();
  EXPECT_EQ(reads_sample(sample).outcome, verdict::no_data);
}

TEST_F(judge_sequential, proven_is_what_every_test_has_shown) {
  reads({300, 1});
  EXPECT_TRUE(is_proven(newest));
  gathered = evidence{};
  reads({300, 9});
  EXPECT_FALSE(is_proven(newest));
  gathered = evidence{};
  reads({300, 1, 3.6});
  EXPECT_FALSE(is_proven(newest));
  spec.analysis.dry_run = {"satisfaction_score"};
  gathered = evidence{};
  reads({300, 1, 3.6});
  EXPECT_TRUE(is_proven(newest));
}

TEST_F(judge_sequential, what_is_judged_by_the_threshold_rule_is_proven_while_it_passes) {
  reads({300, 1, 4.4, 1900.0});
  EXPECT_TRUE(is_proven(newest));
  reads({600, 1, 4.4, 2100.0});
  EXPECT_FALSE(is_proven(newest));
}

TEST_F(judge_sequential, hard_limits_apply) {
  spec.analysis.hard.error_rate = 0.1;
  reads({60, 7});
  EXPECT_TRUE(is_past_hard_limit(newest));
  EXPECT_FALSE(is_rejected(newest));
}

}  // namespace
}  // namespace canaryd::judge
