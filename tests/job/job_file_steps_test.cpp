// Steps, holds and gates of a job file.
#include "canaryd/job/job_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_file_samples.hpp"
#include <string>

namespace canaryd::job {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// A file without a traffic_matrix.
std::string stepped(std::string_view steps, std::string_view more = "") {
  return fmt::format(R"({{"bot_id": "b", "environment_id": "e", "version": "1",
                          "max_traffic_percentage": 50, "steps": {}{}}})",
                     steps, more);
}

TEST(job_file_steps, are_read_with_their_holds_and_gates) {
  const auto parsed = parse_job_file(
      stepped(R"([{"canary": 5, "hold": "5m"}, {"canary": 25}, {"canary": 50, "approve": true}])",
              R"(, "approve_promotion": true)"),
      rules);
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->steps, ElementsAre(traffic_step{.canary_percent = 5, .hold = 5min},
                                         traffic_step{.canary_percent = 25, .hold = 15min},
                                         traffic_step{50, 15min, true}));
  EXPECT_EQ(parsed->stable_percent, 95);
  EXPECT_TRUE(parsed->approve_promotion);
}

TEST(job_file_steps, are_one_where_there_is_only_a_traffic_matrix) {
  const auto parsed = parse_job_file(smallest, rules);
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->steps, ElementsAre(traffic_step{.canary_percent = 5, .hold = 15min}));
  EXPECT_FALSE(parsed->approve_promotion);
}

TEST(job_file_steps, leave_to_the_stable_arm_what_they_do_not_take) {
  const auto stable_beside = [](std::string_view share) {
    return parse_job_file(stepped(fmt::format(R"([{{"canary": {}}}])", share)), rules)
        ->stable_percent;
  };
  EXPECT_EQ(stable_beside("0.015"), 99.985);
  EXPECT_EQ(stable_beside("33.3"), 66.7);
  EXPECT_EQ(stable_beside("2.058"), 97.942);
}

TEST(job_file_steps, are_1_to_20) {
  const auto count = [](int steps) {
    std::string list;
    for (int i = 1; i <= steps; ++i)
      list += fmt::format(R"({}{{"canary": {}}})", i == 1 ? "" : ", ", i);
    return problems_of(stepped("[" + list + "]"));
  };
  EXPECT_THAT(count(0), ElementsAre(problem_at("/steps", "an array of 1 to 20")));
  EXPECT_THAT(count(1), SizeIs(0));
  EXPECT_THAT(count(20), SizeIs(0));
  EXPECT_THAT(count(21), ElementsAre(problem_at("/steps", "an array of 1 to 20")));
  EXPECT_THAT(problems_of(stepped("null")), ElementsAre(problem_at("/steps", "found null")));
  EXPECT_THAT(problems_of(stepped("[5]")), ElementsAre(problem_at("/steps/0", "an object")));
}

TEST(job_file_steps, have_shares_within_the_maximum) {
  for (const auto* share : {"0", "-1", "100.1", "null", R"("5%")"})
    EXPECT_THAT(problems_of(stepped(fmt::format(R"([{{"canary": {}}}])", share))),
                ElementsAre(problem_at("/steps/0/canary", "allowed is")))
        << share;
  EXPECT_THAT(problems_of(stepped("[{}]")), ElementsAre(problem_at("/steps/0/canary", "missing")));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 0.001}, {"canary": 50}])")), SizeIs(0));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5}, {"canary": 50.1}])")),
              ElementsAre(problem_at("/steps/1/canary", "max_traffic_percentage, here 50")));
}

TEST(job_file_steps, rise_strictly) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5}, {"canary": 5}, {"canary": 5.1}])")),
              ElementsAre(problem_at("/steps/1/canary", "more than in the step before, here 5")));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 9}, {"canary": 5}, {"canary": 6}])")),
              ElementsAre(problem_at("/steps/1/canary", "here 9")));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 9}, {"canary": 0}, {"canary": 8}])")),
              ElementsAre(problem_at("/steps/1/canary", "found 0"),
                          problem_at("/steps/2/canary", "here 9")));
}

TEST(job_file_steps, are_held_for_an_interval_to_30_days) {
  const auto held = [](std::string_view hold) {
    return problems_of(stepped(fmt::format(R"([{{"canary": 5, "hold": {}}}])", hold)));
  };
  for (const auto* hold : {"60", R"("1m")", R"("30d")"})
    EXPECT_THAT(held(hold), SizeIs(0)) << hold;
  EXPECT_THAT(held("59.999"),
              ElementsAre(problem_at("/steps/0/hold",
                                     "found 59s999ms, allowed is at least validation_interval")));
  for (const auto* hold : {"0", R"("30d1ms")", "null", R"("5")"})
    EXPECT_THAT(held(hold), ElementsAre(problem_at("/steps/0/hold", "allowed is"))) << hold;
}

TEST(job_file_steps, have_their_holds_looked_at_beside_other_problems) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5, "hold": 59}, {"canary": 4, "hold": 0}, 7,
                                      {"canary": 6, "hold": 1}])")),
              UnorderedElementsAre(problem_at("/steps/0/hold", "at least validation_interval"),
                                   problem_at("/steps/1/canary", "here 5"),
                                   problem_at("/steps/1/hold", "found 0"),
                                   problem_at("/steps/2", "an object"),
                                   problem_at("/steps/3/hold", "at least validation_interval")));
}

TEST(job_file_steps, need_a_duration_that_is_no_shorter_than_the_interval_even_if_none_uses_it) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5, "hold": 100}])",
                                  R"(, "validation_interval": 100, "validation_duration": 99)")),
              ElementsAre(problem_at("/validation_duration", "at least validation_interval")));
}

TEST(job_file_steps, have_no_gate_before_the_first) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5, "approve": true}, {"canary": 6}])")),
              ElementsAre(problem_at("/steps/0/approve", "nothing leads to the first step")));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5, "approve": false}])")), SizeIs(0));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5}, {"canary": 6, "approve": 1}])")),
              ElementsAre(problem_at("/steps/1/approve", "found 1")));
}

TEST(job_file_steps, know_their_keys) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 0, "holds": 1}])")),
              AllOf(Contains(problem_at("/steps/0/canary", "allowed is")),
                    Contains(problem_at("/steps/0/holds", R"("hold")"))));
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 5, "HOLD": 60}])")),
              ElementsAre(problem_at("/steps/0/HOLD", R"("hold")")));
}

TEST(job_file_steps, agree_with_the_traffic_matrix_beside_them) {
  for (const auto* share : {"5", "4.9", "5.1"})
    EXPECT_THAT(problems_of(with("/steps", fmt::format(R"([{{"canary": {}}}])", share))), SizeIs(0))
        << share;
  for (const auto* share : {"4.89", "5.11"})
    EXPECT_THAT(problems_of(with("/steps", fmt::format(R"([{{"canary": {}}}])", share))),
                ElementsAre(problem_at("/traffic_matrix/canary", "the first of the steps")))
        << share;
}

// As doubles, 0.4 and 0.3 differ by a little more than 0.1.
TEST(job_file_steps, agree_with_a_share_that_is_a_tenth_away_as_people_write_it) {
  EXPECT_THAT(problems_of(stepped(R"([{"canary": 0.3}])",
                                  R"(, "traffic_matrix": {"stable": 99.6, "canary": 0.4})")),
              SizeIs(0));
}

TEST(job_file_steps, leave_the_traffic_matrix_its_own_rules) {
  const auto beside = [](std::string_view matrix) {
    return problems_of(
        stepped(R"([{"canary": 5}])", fmt::format(R"(, "traffic_matrix": {})", matrix)));
  };
  EXPECT_THAT(beside(R"({"stable": 95, "canary": 5})"), SizeIs(0));
  EXPECT_THAT(beside(R"({"stable": 94, "canary": 5})"),
              ElementsAre(problem_at("/traffic_matrix", "sum to 99")));
  EXPECT_THAT(beside(R"({"canary": 5})"),
              ElementsAre(problem_at("/traffic_matrix/stable", "missing")));
  EXPECT_THAT(beside(R"({"stable": 95})"),
              ElementsAre(problem_at("/traffic_matrix/canary", "missing")));
  EXPECT_THAT(beside("[]"), ElementsAre(problem_at("/traffic_matrix", "an object")));
}

TEST(job_file_steps, count_where_the_traffic_matrix_says_nearly_the_same) {
  const auto parsed = parse_job_file(
      stepped(R"([{"canary": 5.1}])", R"(, "traffic_matrix": {"stable": 95.1, "canary": 5})"),
      rules);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->steps.front().canary_percent, 5.1);
  EXPECT_EQ(parsed->stable_percent, 94.9);
}

TEST(job_file_steps, or_a_traffic_matrix_must_be_there) {
  EXPECT_THAT(problems_of(with("/traffic_matrix", "")),
              ElementsAre(problem_at("/traffic_matrix",
                                     "missing, required is one of traffic_matrix (a "
                                     "single share) and steps (several)")));
}

TEST(job_file_steps, that_disagree_with_the_traffic_matrix_are_named_beside_their_other_problems) {
  for (const auto* steps :
       {R"([{"canary": 6, "approve": true}])", R"([{"canary": 6}, {"canary": 4}])",
        R"([{"canary": 6, "holds": 1}])", R"([{"canary": 11}])"})
    EXPECT_THAT(
        problems_of(with("/steps", steps)),
        UnorderedElementsAre(problem_at("/traffic_matrix/canary", "the first of the steps"),
                             testing::Field(&text::problem::pointer, testing::StartsWith("/st"))))
        << steps;
}

TEST(job_file_steps, that_have_no_first_share_disagree_with_no_traffic_matrix) {
  for (const auto* steps : {R"([{}])", R"([{"canary": 0}])", "[5]", "5"})
    EXPECT_THAT(problems_of(with("/steps", steps)), SizeIs(1)) << steps;
}

TEST(job_file_steps, that_are_wrong_do_not_hide_what_else_is) {
  std::string text = R"({"steps": 5, "analysis": {"method": "sequential"})";
  for (int i = 0; i < 200; ++i)
    text += fmt::format(R"(, "x{}": 1)", i);
  EXPECT_THAT(problems_of(text + "}"), SizeIs(text::max_problems + 1));
}

}  // namespace
}  // namespace canaryd::job
