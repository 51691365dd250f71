// One decision of a canary while it is being made: the new state, records and notes. Private to
// this folder. Each canary_*.cpp file has one part of a canary's life.
#pragma once

#include "canaryd/base/backoff.hpp"
#include "canaryd/canary/canary.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::canary {

struct turn {
  const job::job& spec;
  const context& at;
  canary self;
  std::vector<audit_record> records;
  std::vector<note> notes;
  // When the reading was asked for, if the event is a reading and that is known.
  std::optional<instant> asked_at = std::nullopt;
  // The call that the event answers.
  std::optional<pending_call> answered = std::nullopt;

  void tell(severity level, topic about, std::string text) {
    notes.push_back({level, about, std::move(text)});
  }
  // The canary's phase. Requires that it is this one.
  template <class Phase>
  Phase& in() {
    return std::get<Phase>(self.phase);
  }
  template <class Phase>
  const Phase& in() const {
    return std::get<Phase>(self.phase);
  }
  template <class Phase>
  bool is_in() const {
    return std::holds_alternative<Phase>(self.phase);
  }

  void call(purpose what_for, instant not_before, bool first_attempt = false);
  void call_now(purpose what_for, bool first_attempt = false) {
    call(what_for, at.now, first_attempt);
  }
  void record(audit_action action, audit_status status);
  // Records what an operator did, with the operator's words.
  void record_command(audit_action action, const command& given);
  // Says what the canary waits for, but only once as long as that stays the same.
  void wait_because(severity level, topic about, std::string text);
};

// The answer says that nothing was done, and that asking again would not help.
inline bool is_refusal(const error& problem) {
  return problem.kind == fault::refused || problem.kind == fault::unauthorized;
}

// A refusal that says that the deployment is not there.
inline bool is_gone(const error& problem) {
  return problem.kind == fault::refused && (problem.status == 404 || problem.status == 410);
}

// phase.cpp
// nullptr while the hold's clock runs.
const standstill* standstill_of(const canary& current);
bool is_at_gate(const canary& current);

// pending_call.cpp
// The deployment that the call concerns. Empty if it concerns none.
std::string deployment_of(const canary& current, purpose what_for);

// canary_turn.cpp
// Whether the write may have been carried out although it failed.
bool may_have_happened(const error& problem);
// Ends the canary with this outcome, as soon as no surplus deployment is left.
void finish(turn& t, const ending& how);
// Somebody else promoted or rolled back the deployment.
void end_as_changed(turn& t, deployment_status status);
void warn_of_odd_status(turn& t, const deployment& found);
// "1 reading", "3 readings in a row".
std::string in_a_row(std::int32_t count, std::string_view thing);
// "1 poll failed: timed out", "3 polls in a row failed, the last with: timed out".
std::string told_of_failures(std::int32_t count, std::string_view thing, std::string_view newest);

// canary_queue.cpp
void start_queue(turn& t);
void on_version(turn& t, const result<bool>& listed);
void on_pre_deploy_look_up(turn& t, const looked_up& answer);
// Ends a canary of which nothing was deployed.
void fail(turn& t, reason why, const std::string& because);
// How long to wait after that many failures. A Retry-After never delays an operator's abort, and
// never delays a canary for long that may be live and unwatched.
duration wait_after(const turn& t, const error& problem, std::int32_t failures);
void wait_for_token(turn& t, const error& problem, std::int32_t failures, purpose then);
// Whether the deployment is of the job's bot and environment. The look-up asks for these only, but
// an API may answer with more.
bool concerns(const job::job& spec, const deployment& found);
// How many of the deployments that cannot be read may be this job's.
std::int32_t count_possible(const turn& t, const std::vector<deployment>& unreadable);

// canary_deploy.cpp
void begin_deploy(turn& t);
void on_deploy(turn& t, const result<std::string>& deployment_id);
void on_deploy_look_up(turn& t, const looked_up& answer);
// Looks up at once what the deploy has made, if the canary waits for that look-up.
void hurry_look_up(turn& t);
void resume_deploy(turn& t, const std::optional<pending_call>& interrupted);

// canary_rhythm.cpp
// The time from one reading to the next.
duration stretched_interval(const turn& t);
// When the last reading falls due: at the end of the hold, or of its extension. Never while the
// clock stands still.
instant last_due(const canary& self);
// When a pause or a gate has lasted too long. Never while the clock runs.
instant end_of_pause(const turn& t);
void set_due(turn& t, instant due);
void schedule_next(turn& t);
// Moves the end of the hold on with the readings, so that nothing of max_extension is used up.
void put_off_end(turn& t);
void spread_overdue(turn& t);
// Notes that the canary was not watched, if the reading is more than one interval and `taken` late.
// `taken` is the time that the poll itself may have needed.
void tell_of_gap(turn& t, duration taken);
// A reading that waited for the end of a unit counts as if it had fallen due then.
void note_window(turn& t, duration window);
// Whether the window that was asked for begins where counting begins, and so was not cut to the
// longest one.
bool is_whole_window(const turn& t, duration window);
// If the next window would be too long, counting begins anew from the point that it has reached.
void keep_window_short(turn& t);

// canary_hold.cpp
void begin_hold(turn& t);
// The next step's share of the traffic is set.
void begin_next_hold(turn& t);
// The newest reading shows enough for the next step or the promote.
bool is_enough_to_go_on(const turn& t);
// The newest reading shows enough to end the hold early.
bool ends_early(const turn& t);
// The last reading of the hold was taken.
void end_hold(turn& t);
void leave_hold(turn& t, reason why);
// Stops the hold's clock.
void stop_clock(turn& t, bool at_gate);
void pause_hold(turn& t);
void resume_hold(turn& t);

// canary_watch.cpp
void on_poll(turn& t, const poll_answered& answer);
void on_watched_status(turn& t, const result<deployment>& found);
void resume_watch(turn& t);

// canary_gate.cpp
bool has_next_step(const turn& t);
// An operator has to approve what comes after this hold.
bool is_gated(const turn& t);
void wait_at_gate(turn& t);
void approve(turn& t, const command& given);
// The newest reading is a pass, and the canary was not left unwatched after it.
bool may_open_gate(const turn& t);
void open_gate(turn& t);
// Begins the next step or, for this reason, the promote.
void go_on(turn& t, reason why);

// canary_traffic.cpp
// The deployment has the next step's share of the traffic, or nearly so. Requires has_next_step().
bool has_next_share(const turn& t, const deployment& found);
void begin_traffic_change(turn& t);
void on_traffic_changed(turn& t, const result<void>& outcome);
void on_traffic_status(turn& t, const result<deployment>& found);
// Assumes that an attempt was sent before the daemon ended.
void resume_traffic_change(turn& t);
// Keeps a traffic change from being sent while the canary is paused.
void withhold_traffic_change(turn& t);
// Until when a change that is given up now may still arrive. Empty if none is under way.
std::optional<instant> arrival_of_change(const turn& t);
// Enters the next phase. A traffic change that is under way is given up, and recorded as failed.
void move_on(turn& t, canary_phase next);

// canary_promote.cpp
void begin_promote(turn& t, reason why);
void continue_promote(turn& t);
void on_promote(turn& t, const result<void>& outcome);
void on_promote_status(turn& t, const result<deployment>& found);
void resume_promote(turn& t, const std::optional<pending_call>& interrupted);
// A promote was sent and may still be carried out.
bool is_promote_open(const turn& t);

// canary_rollback.cpp
void begin_rollback(turn& t, reason why, const std::string& because);
void resume_rollback(turn& t);
void on_rollback(turn& t, const result<void>& outcome);
void on_rollback_status(turn& t, const result<deployment>& found);
void on_rollback_look_up(turn& t, const result<std::vector<found_deployment>>& found);
void on_traffic_removed(turn& t, const result<void>& outcome);

// canary_command.cpp
void on_command(turn& t, const command& given);

// canary_surplus.cpp
// Rolls back the surplus deployments after the outcome. Ends the canary when none is left.
void clear_up(turn& t);
void on_surplus(turn& t, const result<void>& outcome);
void on_surplus_read(turn& t, const result<deployment>& found);

}  // namespace canaryd::canary
