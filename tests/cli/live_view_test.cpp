// The live view as text, without a terminal.
#include "canaryd/cli/live_view.hpp"

#include "canaryd/cli/job_table.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"

namespace canaryd::cli {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const auto noon = *text::parse_wall_time("2026-03-01T09:02:00.000Z");

job_scene scene_in(std::string_view state) {
  job_scene scene{.job = read_job_info(boost::json::parse(job_json("orders", state))),
                  .known_at = noon};
  const std::vector<std::pair<std::string, double>> rates{{"2026-03-01T09:00:30.000Z", 0.01},
                                                          {"2026-03-01T09:01:00.000Z", 0.035},
                                                          {"2026-03-01T09:01:30.000Z", 0.05}};
  for (const auto& [at, rate] : rates)
    scene.readings.push_back(
        read_reading_info(boost::json::parse(reading_json("orders", at, rate, "pass"))));
  return scene;
}

std::string text_of(const job_scene& scene, wall_time now = noon, view_size size = {80, 40},
                    style look = {}) {
  std::string text;
  for (const auto& line : render_job(scene, now, size, look))
    text += line + "\n";
  return text;
}

TEST(live_view, a_canary_under_way_is_shown_whole) {
  EXPECT_EQ(text_of(scene_in("observing")),
            "orders  2.1.0  bot_orders in env_prod\n"
            "State    observing\n"
            "Step     1 of 2  ● 5 % 5m  ○ 25 % 10m\n"
            "Traffic  █▎░░░░░░░░░░░░░░░░░░░░░░░░ 5 % canary, 95 % stable\n"
            "Bake     █████████████░░░░░░░░░░░░░ 50 %, 2m30s left\n"
            "Reading  pass, 401 conversations, 30s ago; next check in 18s\n"
            "So far   3 pass, 0 breach, 1 no_data, 0 provider_error\n"
            "\n"
            "METRIC              VALUE     LIMIT       VERDICT   READINGS\n"
            "error_rate          0.05      ≤ 0.05      pass      ▁▅█\n"
            "satisfaction_score  4.4       ≥ 3.5       pass      ███\n"
            "avg_latency_ms      321       ≤ 1500      pass      ▁▁▁\n");
}

TEST(live_view, one_conversation_is_one) {
  auto scene = scene_in("observing");
  scene.readings.back().conversations = 1;
  EXPECT_THAT(text_of(scene), HasSubstr("Reading  pass, 1 conversation, 30s ago"));
}

TEST(live_view, times_run_on_between_two_answers) {
  EXPECT_THAT(text_of(scene_in("observing"), noon + 10s),
              AllOf(HasSubstr("53 %, 2m20s left"), HasSubstr("40s ago; next check in 8s")));
  EXPECT_THAT(text_of(scene_in("observing"), noon + 10min),
              AllOf(HasSubstr("100 %, 0s left"), HasSubstr("next check in 0s")));
}

TEST(live_view, the_hold_stands_still_while_paused_or_at_a_gate) {
  for (const auto* state : {"paused", "waiting_approval"})
    EXPECT_THAT(text_of(scene_in(state), noon + 10s), HasSubstr("50 %, 2m30s left, clock stopped"))
        << state;
}

TEST(live_view, a_gate_at_the_end_of_a_hold_says_that_it_is_over) {
  auto scene = scene_in("waiting_approval");
  scene.job.hold_remaining = duration::zero();
  EXPECT_THAT(text_of(scene), HasSubstr("100 %, hold is over"));
}

job_scene scene_with_evidence(double against, double within) {
  job_scene scene{.job = read_job_info(boost::json::parse(job_json("orders", "observing"))),
                  .known_at = noon};
  scene.readings.push_back(read_reading_info(
      boost::json::parse(evidence_json("orders", "2026-03-01T09:01:30.000Z", against, within))));
  return scene;
}

TEST(live_view, evidence_and_the_other_arm_have_columns_where_there_are_any) {
  EXPECT_THAT(
      text_of(scene_with_evidence(3.125, 12), noon, {100, 40}),
      HasSubstr("METRIC           VALUE     STABLE    LIMIT       VERDICT   EVIDENCE         "
                "READINGS\n"
                "error_rate       0.012     0.0105    ≤ 0.05      pass      for 12/40        ▁\n"
                "avg_latency_ms   1612      -         ≤ 1500      (breach)  -                █\n"
                "escalation_rate  0.04      -         ≤ 0.1       pass      -                ▁\n"));
}

TEST(live_view, a_narrow_terminal_has_the_evidence_before_the_other_arm) {
  const auto text = text_of(scene_with_evidence(3.125, 12), noon, {80, 40});
  EXPECT_THAT(text, AllOf(HasSubstr("for 12/40        ▁\n"), Not(HasSubstr("STABLE"))));
  EXPECT_THAT(text_of(scene_with_evidence(3.125, 12), noon, {70, 40}), Not(HasSubstr("EVIDENCE")));
}

TEST(live_view, evidence_is_for_the_canary_or_against_it_whichever_is_more) {
  const auto shown = [](double against, double within, std::string_view verdict) {
    return evidence_text(
        {.verdict = std::string{verdict}, .evidence = evidence_info{against, within, 40}});
  };
  EXPECT_EQ(shown(0.02, 3.125, "pass"), "for 3.1/40");
  EXPECT_EQ(shown(12, 0.001, "pass"), "against 12/40");
  EXPECT_EQ(shown(1, 1, "pass"), "against 1/40");
  EXPECT_EQ(shown(41, 0.001, "breach"), "against 41/40");
  EXPECT_EQ(shown(0.02, 40, "pass"), "proven");
  EXPECT_EQ(evidence_text({}), "-");
}

TEST(live_view, evidence_has_few_digits_however_much_it_is) {
  const auto against = [](double odds, double needed) {
    return evidence_text({.verdict = "breach", .evidence = evidence_info{odds, 0, needed}});
  };
  EXPECT_EQ(against(123.4, 40), "against 123/40");
  EXPECT_EQ(against(99.6, 999.6), "against 100/1000");
  EXPECT_EQ(against(1000, 40), "against 1000/40");
  EXPECT_EQ(against(1e300, 133.333), "against >1000/133");
  EXPECT_EQ(against(1500, 6000), "against 1500/6000") << "not enough yet";
  EXPECT_EQ(against(1e300, 6000), "against >6000/6000");
}

TEST(live_view, a_metric_that_is_shown_to_be_within_its_limit_is_proven) {
  EXPECT_THAT(text_of(scene_with_evidence(0.02, 40), noon, {80, 40}),
              HasSubstr("pass      proven           ▁\n"));
}

TEST(live_view, at_a_gate_it_says_what_to_do) {
  EXPECT_THAT(
      text_of(scene_in("waiting_approval")),
      HasSubstr(
          "State    waiting_approval\nTo do    canaryctl approve orders --expect-step 1\nStep "));
  EXPECT_THAT(text_of(scene_in("paused")), Not(HasSubstr("To do")));
  auto approved = scene_in("waiting_approval");
  approved.job.approved = true;
  EXPECT_THAT(text_of(approved), Not(HasSubstr("To do")));
}

TEST(live_view, a_gate_that_is_approved_is_read) {
  auto job = boost::json::parse(job_json("orders", "waiting_approval"));
  EXPECT_FALSE(read_job_info(job).approved);
  job.as_object()["approved"] = true;
  EXPECT_TRUE(read_job_info(job).approved);
  EXPECT_EQ(what_to_do(read_job_info(job)), "");
}

TEST(live_view, only_steps_that_were_set_are_ticked) {
  struct end {
    std::string state;
    std::string reason;
    std::size_t step;
    std::string ticks;
  };
  const std::vector<end> ends{
      {"promoted_to_stable", "operator_promote", 1, "✔ 5 % 5m  ○ 25 % 10m"},
      {"promoted_to_stable", "operator_promote", 2, "✔ 5 % 5m  ✔ 25 % 10m"},
      {"promoted_to_stable", "external_change", 1, "✔ 5 % 5m  ○ 25 % 10m"},
      {"promoted_to_stable", "proven_early", 1, "✔ 5 % 5m  ✔ 25 % 10m"},
      {"rolled_back", "threshold_breach", 2, "✔ 5 % 5m  ○ 25 % 10m"},
      {"observing", "", 2, "✔ 5 % 5m  ● 25 % 10m"},
  };
  for (const auto& [state, reason, step, ticks] : ends) {
    auto scene = scene_in(state);
    scene.job.reason = reason;
    scene.job.step = step;
    EXPECT_THAT(text_of(scene), HasSubstr(ticks + "\n")) << state << " " << reason << " " << step;
  }
}

TEST(live_view, an_end_has_neither_a_bake_nor_a_next_check) {
  auto scene = scene_in("promoted_to_stable");
  scene.job.reason = "passed";
  EXPECT_THAT(text_of(scene), AllOf(HasSubstr("State    promoted_to_stable (passed)\n"),
                                    HasSubstr("✔ 5 % 5m  ✔ 25 % 10m"), HasSubstr("Bake     -\n"),
                                    Not(HasSubstr("next check"))));
}

TEST(live_view, a_job_of_which_nothing_is_known_is_shown_too) {
  const job_scene scene{
      .job = read_job_info(boost::json::parse(
          R"({"job_id":"a","state":"queued","steps":7,"labels":[],"traffic":"x"})"))};
  EXPECT_THAT(text_of(scene), AllOf(HasSubstr("State    queued\n"),
                                    HasSubstr("Reading  none yet\n"), Not(HasSubstr("METRIC"))));
}

TEST(live_view, a_metric_that_is_missing_leaves_a_gap) {
  auto scene = scene_in("observing");
  scene.readings[1].metrics.clear();
  scene.readings[2].metrics[0].value.reset();
  scene.readings[2].metrics[0].verdict = "no_data";
  EXPECT_THAT(text_of(scene),
              HasSubstr("error_rate          -         ≤ 0.05      no_data   ▁··\n"));
}

TEST(live_view, a_poll_that_failed_keeps_the_metrics_of_the_one_before) {
  auto scene = scene_in("observing");
  scene.readings.back().metrics.clear();
  scene.readings.back().verdict = "provider_error";
  scene.readings.back().problem = "HTTP 503: busy";
  EXPECT_THAT(text_of(scene),
              AllOf(HasSubstr("Reading  provider_error"),
                    HasSubstr("18s\nProblem  HTTP 503: busy\nSo far "),
                    HasSubstr("error_rate          0.035     ≤ 0.05      pass      ▁▅·\n")));
}

TEST(live_view, a_daemon_that_is_away_is_said) {
  auto scene = scene_in("observing");
  scene.away = true;
  EXPECT_THAT(text_of(scene), HasSubstr("State    observing   daemon away, reconnecting\n"));
}

TEST(live_view, it_never_leaves_the_terminal) {
  auto scene = scene_in("observing");
  for (int i = 0; i < 50; ++i)
    scene.events.push_back({.at = noon, .text = std::string(300, 'x'), .colour = tone::bad});
  scene.job.state = "waiting_approval";
  scene.readings.push_back(scene_with_evidence(1e300, 0).readings.front());
  for (const std::size_t columns : {1UZ, 7UZ, 20UZ, 80UZ, 300UZ}) {
    for (const std::size_t rows : {1UZ, 5UZ, 14UZ, 15UZ, 16UZ, 24UZ}) {
      const auto lines = render_job(scene, noon, {columns, rows}, {.colour = true});
      EXPECT_LE(lines.size(), rows);
      for (const auto& line : lines)
        EXPECT_LE(visible_width(line), columns) << line;
    }
  }
}

TEST(live_view, where_rows_are_few_the_newest_events_stay) {
  auto scene = scene_in("observing");
  scene.events = {{.at = noon, .text = "older"}, {.at = noon, .text = "newer"}};
  EXPECT_THAT(text_of(scene, noon, {80, 15}), AllOf(HasSubstr("newer"), Not(HasSubstr("older"))));
  EXPECT_THAT(text_of(scene, noon, {80, 14}), Not(HasSubstr("EVENTS")));
}

TEST(live_view, where_rows_are_few_every_metric_stays) {
  const auto lines = render_job(scene_in("observing"), noon, {80, 11}, {});
  ASSERT_EQ(lines.size(), 11);
  EXPECT_THAT(lines[10], HasSubstr("avg_latency_ms"));
}

TEST(live_view, without_colour_there_is_no_escape_sequence) {
  EXPECT_THAT(text_of(scene_in("observing")), Not(HasSubstr("\x1B")));
  EXPECT_THAT(text_of(scene_in("rolling_back"), noon, {80, 40}, {.colour = true}),
              HasSubstr("\x1B[31mrolling_back\x1B[0m"));
}

TEST(progress, a_bar_fills_in_eighths) {
  EXPECT_EQ(progress_bar(0, 4), "░░░░");
  EXPECT_EQ(progress_bar(0.5, 4), "██░░");
  EXPECT_EQ(progress_bar(0.53125, 4), "██▏░");
  EXPECT_EQ(progress_bar(1, 4), "████");
  EXPECT_EQ(progress_bar(7, 4), "████");
  EXPECT_EQ(progress_bar(-1, 4), "░░░░");
}

TEST(sparkline, heights_lie_between_the_least_and_the_largest) {
  const std::vector<std::optional<double>> values{0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(sparkline(values, std::nullopt), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(values, 14), "▁▂▂▃▃▄▄▅");
  EXPECT_EQ(sparkline(std::vector<std::optional<double>>{3, 3}, std::nullopt), "▁▁");
  EXPECT_EQ(sparkline({}, 1), "");
}

TEST(job_table, a_limit_points_the_way_that_the_daemon_says) {
  EXPECT_EQ(limit_sign({.name = "cost", .worse = job::worse_side::higher}), "≤");
  EXPECT_EQ(limit_sign({.name = "share", .worse = job::worse_side::lower}), "≥");
  EXPECT_EQ(limit_sign({.name = "error_rate"}), "") << "nothing is guessed";
}

TEST(live_view, a_daemon_that_does_not_say_which_way_a_limit_points_is_not_second_guessed) {
  auto scene = scene_in("observing");
  scene.readings = {read_reading_info(boost::json::parse(
      without_sides(reading_json("orders", "2026-03-01T09:01:30.000Z", 0.05, "pass"))))};
  EXPECT_THAT(text_of(scene), HasSubstr("error_rate          0.05        0.05      pass      ▁\n"
                                        "satisfaction_score  4.4         3.5       pass      █\n"));
}

TEST(style, text_is_cut_by_what_is_seen) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdef", 5), "abcd…");
  EXPECT_EQ(fit("ä█cdef", 3), "ä█…");
  EXPECT_EQ(fit("abc", 0), "");
  EXPECT_EQ(fit("\x1B[31mabcdef\x1B[0m", 3), "\x1B[31mab…\x1B[0m");
  EXPECT_EQ(visible_width("\x1B[31mäb\x1B[0m"), 2);
  EXPECT_EQ(pad("ä", 3), "ä  ");
}

}  // namespace
}  // namespace canaryd::cli
