// Every situation of a canary meets every event.
#include "canary_events.hpp"

namespace canaryd::canary {
namespace {

class canary_table : public canary_test {
 protected:
  struct situation {
    std::string name;
    canary as_it_is;
    instant now;
  };

  void keep(std::string name) { situations.push_back({std::move(name), current, at.now}); }
  void start_anew() {
    current = make_canary("nightly", "u1", spec);
    at.now = instant{1h};
  }

  void SetUp() override {
    spec.webhook_url = "https://ci.example.com/hook";
    spec.provider_error_limit = 3;
    at.checks_versions = true;
    deploying_situations();
    watched_situations();
    rolling_back_situations();
    final_situations();
  }

  void asks() {
    start_anew();
    happens(accepted{});
    answer(version_checked{true});
    answer(listed());
    answer(webhook_settled{});
  }
  void starts_watching() {
    asks();
    answer(deploy_answered{"dep-1"});
  }

  void deploying_situations() {
    start_anew();
    happens(accepted{});
    keep("checking the version");
    answer(version_checked{true});
    keep("looking up before the deploy");
    answer(listed());
    keep("registering the webhook");
    answer(webhook_settled{});
    keep("deploying");
    answer(deploy_answered{lost_answer()});
    keep("looking up after the deploy");
    answer(listed());
    answer(listed());
    answer(deploy_answered{"dep-1"});
    keep("looking up although the deployment is known");
    asks();
    answer(deploy_answered{lost_answer()});
    answer(looked_up{refusal()});
    keep("deploying blindly");
  }

  void watched_situations() {
    starts_watching();
    keep("observing");
    reads(judge::verdict::no_data);
    keep("reading the status");
    starts_watching();
    happens(commanded{{.what = command_kind::pause}});
    keep("paused");
    asks();
    happens(commanded{{.what = command_kind::abort}});
    keep("aborting a deploy");
    starts_watching();
    reads_hold_ending_with(judge::verdict::no_data);
    keep("observing in an extension");
    starts_watching();
    reads_hold_ending_with(judge::verdict::pass);
    keep("promoting");
    const auto promoting = current;
    answer(promote_answered{});
    keep("verifying the promote");
    answer(status_is("active"));
    keep("verifying the promote again");
    current = promoting;
    answer(promote_answered{refusal()});
    keep("promote refused");
    stepping_situations();
    start_anew();
    at.checks_versions = false;
    spec.webhook_url.clear();
    deploys_three_times();
    keep("rolling back a surplus while observing");
    answer(surplus_answered{});
    keep("reading a surplus while observing");
    reads_hold_ending_with(judge::verdict::pass);
    keep("rolling back a surplus before the promote");
  }

  void stepping_situations() {
    spec.steps.push_back({.canary_percent = 20.0, .hold = 60s, .approve = true});
    starts_watching();
    reads_hold_ending_with(judge::verdict::pass);
    keep("waiting at a gate");
    happens(commanded{{.what = command_kind::approve}});
    keep("setting the traffic");
    happens(commanded{{.what = command_kind::pause}});
    keep("paused while the traffic is being set");
    happens(commanded{{.what = command_kind::resume}});
    answer(status_is("active"));
    answer(traffic_changed{lost_answer()});
    keep("looking whether the traffic was set");
    answer(status_is("active"));
    answer(traffic_changed{refusal()});
    keep("traffic change refused");
    spec.steps.pop_back();
  }

  void rolling_back_situations() {
    start_anew();
    rolls_back();
    keep("rolling back");
    answer(rollback_answered{});
    keep("verifying the rollback");
    answer(status_read{refusal(404)});
    keep("looking up the rollback");
    start_anew();
    rolls_back();
    answer(rollback_answered{refusal()});
    answer(status_is("active"));
    keep("taking the traffic away");
    start_anew();
    deploys_three_times();
    reads(judge::verdict::breach);
    answer(rollback_answered{server_error()});
    keep("rolling back a surplus in turn with the canary");
    answer(surplus_answered{server_error()});
    answer(status_is("rolled_back"));
    keep("rolling back a surplus as the last thing");
    current = make_abandoned("nightly", "u1", "dep-1", at.now);
    keep("abandoned");
  }

  void final_situations() {
    start_anew();
    promotes();
    answer(promote_answered{});
    answer(status_is("promoted"));
    keep("promoted");
    start_anew();
    rolls_back();
    answer(rollback_answered{});
    answer(status_is("rolled_back"));
    keep("rolled back");
    start_anew();
    happens(accepted{});
    answer(listed());
    answer(deploy_answered{refusal()});
    keep("failed");
  }

  // What holds after any event in any situation.
  void expect_sound(const canary& before, const advance_result& made) const {
    const auto& next = made.next;
    const bool ended = is_final(next);
    EXPECT_NE(ended, next.next_call || is_watched(next))
        << "nothing to do, or something after the end";
    EXPECT_EQ(next.records_made, before.records_made + made.records.size());
    EXPECT_GE(next.calls_made, before.calls_made);
    EXPECT_EQ(ended, next.ended_at != wall_time{});
    if (ended || state_of(next) == canary_state::rolling_back)
      EXPECT_TRUE(why_of(next));
    if (next.next_call && next.next_call != before.next_call)
      EXPECT_GE(next.next_call->not_before, at.now);
    if (next.next_call && (operation_of(next.next_call->what_for) == operation::rollback_surplus ||
                           operation_of(next.next_call->what_for) == operation::read_surplus))
      EXPECT_FALSE(next.surplus_deployments.empty());
    if (const auto* clearing = std::get_if<phases::clearing_up>(&before.phase); clearing && ended)
      EXPECT_EQ(state_of(next), clearing->how.as);
  }

  std::vector<situation> situations;
};

TEST_F(canary_table, every_event_in_every_situation_leaves_a_sound_canary) {
  const auto events = every_event();
  for (const auto& [name, as_it_is, now] : situations) {
    for (std::size_t first = 0; first < events.size(); ++first) {
      SCOPED_TRACE(fmt::format("{}, event {}", name, first));
      at.now = now + 1s;
      const auto once = advance(spec, as_it_is, events[first], at);
      expect_sound(as_it_is, once);
      at.now += 61s;
      for (const auto& second : events)
        expect_sound(once.next, advance(spec, once.next, second, at));
      if (HasFailure())
        return;
    }
  }
}

TEST_F(canary_table, an_ended_canary_is_not_changed_by_anything) {
  int ended = 0;
  for (const auto& [name, as_it_is, now] : situations) {
    if (!is_final(as_it_is))
      continue;
    ++ended;
    for (const auto& what : every_event()) {
      const auto made = advance(spec, as_it_is, what, at);
      EXPECT_EQ(made.next, as_it_is) << name;
      EXPECT_TRUE(made.records.empty()) << name;
      EXPECT_TRUE(made.notes.empty()) << name;
    }
  }
  EXPECT_EQ(ended, 3);
}

TEST_F(canary_table, an_answer_that_nobody_asked_for_changes_nothing) {
  for (const auto& [name, as_it_is, now] : situations) {
    for (const auto what : every_operation) {
      if (as_it_is.next_call && operation_of(as_it_is.next_call->what_for) == what)
        continue;
      for (const auto& each : answers_to(what))
        EXPECT_EQ(advance(spec, as_it_is, each, at).next, as_it_is) << name;
    }
  }
}

TEST_F(canary_table, a_resumed_canary_always_asks_before_it_acts) {
  using enum operation;
  for (const auto& [name, as_it_is, now] : situations) {
    if (is_final(as_it_is))
      continue;
    const auto made = advance(spec, as_it_is, resumed{}, at);
    ASSERT_TRUE(made.next.next_call) << name;
    // Rolling a surplus back again does no harm.
    EXPECT_THAT(operation_of(made.next.next_call->what_for),
                testing::AnyOf(check_version, look_up, read_status, rollback_surplus))
        << name;
  }
}

TEST_F(canary_table, resuming_twice_is_resuming_once) {
  for (const auto& [name, as_it_is, now] : situations) {
    auto once = advance(spec, as_it_is, resumed{}, at).next;
    auto twice = advance(spec, once, resumed{}, at).next;
    if (once.next_call)
      once.next_call->serial = twice.next_call->serial = 0;
    once.calls_made = twice.calls_made = 0;
    EXPECT_EQ(once, twice) << name;
  }
}

TEST_F(canary_table, no_two_calls_in_a_row_have_the_same_serial) {
  const auto events = every_event();
  for (const auto& [name, as_it_is, now] : situations) {
    for (const auto& what : events) {
      const auto made = advance(spec, as_it_is, what, at);
      if (as_it_is.next_call && made.next.next_call && made.next.calls_made > as_it_is.calls_made)
        EXPECT_NE(as_it_is.next_call->serial, made.next.next_call->serial) << name;
    }
  }
}

TEST_F(canary_table, every_word_has_a_name) {
  for (int i = 0; i <= static_cast<int>(canary_state::failed); ++i)
    EXPECT_FALSE(to_string(static_cast<canary_state>(i)).empty());
  for (int i = 0; i <= static_cast<int>(reason::deploy_refused); ++i)
    EXPECT_FALSE(to_string(static_cast<reason>(i)).empty());
}

}  // namespace
}  // namespace canaryd::canary
