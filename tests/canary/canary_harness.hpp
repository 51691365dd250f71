// A canary on the bench: tests tell it what happens and when, and see what it decides.
#pragma once

#include "canaryd/canary/canary.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::canary {

using namespace std::chrono_literals;

// A canary with 5 % of the traffic for 5 minutes and a reading every 30 s.
inline job::job five_minute_job() {
  job::job spec;
  spec.bot_id = "bot_a";
  spec.environment_id = "env_a";
  spec.version = "2.1.0";
  spec.steps = {{.canary_percent = 5.0, .hold = 300s}};
  spec.validation_interval = 30s;
  spec.validation_duration = 300s;
  spec.max_extension = 120s;
  return spec;
}

inline error problem(fault kind, int status = 0, std::optional<duration> retry_after = {}) {
  return {.kind = kind, .text = "a problem", .status = status, .retry_after = retry_after};
}

inline auto refusal(int status = 403) {
  return std::unexpected{problem(fault::refused, status)};
}
inline auto lost_answer() {
  return std::unexpected{problem(fault::lost)};
}
inline auto server_error(int status = 503) {
  return std::unexpected{problem(fault::try_again, status)};
}
inline auto no_token() {
  return std::unexpected{problem(fault::no_token)};
}

inline deployment deployed_as(std::string id, std::string status = "active",
                              std::string version = "2.1.0", std::string created_at = {}) {
  deployment made;
  made.id = std::move(id);
  made.version = std::move(version);
  made.status = std::move(status);
  made.created_at = std::move(created_at);
  return made;
}

inline looked_up listed(std::vector<deployment> found = {}) {
  std::vector<found_deployment> ours;
  ours.reserve(found.size());
  for (auto& each : found)
    ours.push_back({std::move(each), false});
  return {std::move(ours)};
}

inline status_read status_is(std::string status) {
  return {deployed_as("dep-1", std::move(status))};
}

// A sample that gets this verdict with the limits of five_minute_job().
inline result<judge::sourced_sample> sample_for(judge::verdict outcome) {
  judge::metrics_sample sample{0.01, 4.4, 320.0, 1000};
  switch (outcome) {
    case judge::verdict::pass:
      break;
    case judge::verdict::breach:
      sample.error_rate = 0.2;
      break;
    case judge::verdict::no_data:
      sample.conversation_count = 3;
      break;
    case judge::verdict::provider_error:
      return server_error();
  }
  return judge::sourced_sample{sample, judge::metrics_source::primary};
}

class canary_test : public testing::Test {
 protected:
  // Time and chance.
  void after(duration passed) {
    at.now += passed;
    at.wall += std::chrono::floor<std::chrono::milliseconds>(passed);
  }
  duration since_start() const { return at.now - instant{1h}; }

  void happens(const event& what) {
    auto made = advance(spec, std::move(current), what, at);
    current = std::move(made.next);
    notes = std::move(made.notes);
    for (auto& record : made.records)
      audit.push_back(std::move(record));
  }

  // Waits until the call that the canary wants falls due, and answers it.
  void answer(const event& what) {
    ASSERT_TRUE(current.next_call);
    wait_for(current.next_call->not_before);
    happens(what);
  }
  void wait_for(instant then) { after(std::max(duration{}, then - at.now)); }

  // Readings, each taken when it falls due and answered at once.
  void reads(judge::verdict outcome) {
    wait_for(current.hold.next_due);
    happens(poll_answered{sample_for(outcome), 15min, current.hold.step});
  }
  void reads(judge::verdict outcome, int times) {
    for (int i = 0; i < times; ++i)
      reads(outcome);
  }
  // Readings until the hold has ended, all but the last of them passing.
  void reads_hold_ending_with(judge::verdict outcome) {
    while (current.hold.next_due < current.hold.ends)
      reads(judge::verdict::pass);
    reads(outcome);
  }

  // When readings fell due since the deploy, in seconds, until the canary is no longer observed.
  std::vector<std::int64_t> rhythm(judge::verdict outcome, duration lateness = {}) {
    std::vector<std::int64_t> due;
    while (state_of(current) == canary_state::observing) {
      due.push_back(next_due_s());
      wait_for(current.hold.next_due + lateness);
      happens(poll_answered{sample_for(outcome), 15min, current.hold.step});
    }
    return due;
  }
  std::int64_t next_due_s() const { return (current.hold.next_due - current.hold.since) / 1s; }

  // Shortcuts to the states in which stories begin. The canary was accepted and has looked up what
  // is there. It wants to send its first deploy.
  void wants_to_deploy() {
    happens(accepted{});
    answer(listed());
    expect_call(operation::deploy);
  }
  void deploys() {
    happens(accepted{});
    answer(listed());
    answer(deploy_answered{"dep-1"});
    ASSERT_EQ(state_of(current), canary_state::observing);
  }
  void promotes() {
    deploys();
    reads_hold_ending_with(judge::verdict::pass);
    ASSERT_EQ(state_of(current), canary_state::promoting);
  }
  void rolls_back() {
    deploys();
    reads(judge::verdict::breach);
    ASSERT_EQ(state_of(current), canary_state::rolling_back);
  }
  // A deploy whose answer was lost turns out to have made three deployments.
  void deploys_three_times() {
    happens(accepted{});
    answer(listed());
    answer(deploy_answered{lost_answer()});
    answer(listed({deployed_as("dep-2", "active", "2.1.0", "2026-01-01T00:00:02Z"),
                   deployed_as("dep-1", "active", "2.1.0", "2026-01-01T00:00:01Z"),
                   deployed_as("dep-3", "active", "2.1.0", "2026-01-01T00:00:03Z")}));
  }

  void expect_state(canary_state expected) const {
    EXPECT_EQ(to_string(state_of(current)), to_string(expected));
  }
  void expect_end(canary_state expected, reason why) const {
    expect_state(expected);
    ASSERT_TRUE(why_of(current));
    EXPECT_EQ(to_string(*why_of(current)), to_string(why));
    EXPECT_FALSE(current.next_call);
    EXPECT_EQ(current.ended_at, at.wall);
  }
  void expect_call(operation what, duration from_now = {}) const {
    ASSERT_TRUE(current.next_call);
    EXPECT_EQ(static_cast<int>(operation_of(current.next_call->what_for)), static_cast<int>(what));
    EXPECT_EQ(current.next_call->not_before - at.now, from_now);
  }
  void expect_first_attempt(bool expected) const {
    ASSERT_TRUE(current.next_call);
    EXPECT_EQ(current.next_call->first_attempt, expected);
  }

  // Of the traffic change under way.
  instant repeat_at() const { return std::get<phases::watching>(current.phase).change->repeat_at; }
  instant paused_since() const { return std::get<phases::watching>(current.phase).stopped->since; }
  // Until when a change that was given up may arrive.
  std::optional<instant> settles_at() const {
    if (const auto* promoting = std::get_if<phases::promoting>(&current.phase))
      return promoting->settles_at;
    const auto* rolling_back = std::get_if<phases::rolling_back>(&current.phase);
    return rolling_back != nullptr ? rolling_back->settles_at : std::nullopt;
  }

  // What the newest event was answered with.
  bool told(severity level, std::string_view piece) const {
    return std::ranges::any_of(notes, [&](const note& each) {
      return each.level == level && each.text.find(piece) != std::string::npos;
    });
  }
  bool told_nothing_at(severity level) const {
    return std::ranges::none_of(notes, [&](const note& each) { return each.level == level; });
  }

  // All audit records so far, as action/status.
  std::vector<std::string> records() const {
    std::vector<std::string> words;
    words.reserve(audit.size());
    for (const auto& record : audit)
      words.push_back(fmt::format("{}/{}", to_string(record.action), to_string(record.status)));
    return words;
  }

  job::job spec = five_minute_job();
  canary current = make_canary("nightly", "u1", spec);
  context at{.now = instant{1h}, .wall = wall_time{400'000h}, .random = 0.5};
  std::vector<note> notes;
  std::vector<audit_record> audit;
};

}  // namespace canaryd::canary
