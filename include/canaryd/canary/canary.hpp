// The canary: one job's life as a pure state machine (reference: "States and reasons",
// "Lost answers"). No I/O, no clock, no log: it is told what happened and when, and answers with
// its new state, the audit records of what it decided, notes for the log, and what its driver
// should be doing from now on.
//
//   queued            -> deploying, failed
//   deploying         -> observing, rolling_back, failed; queued again where nothing could be sent
//   observing         -> paused, waiting_approval, promoting, rolling_back
//   paused            -> observing, promoting, rolling_back
//   waiting_approval  -> observing (the next step), promoting, rolling_back
//   promoting         -> promoted_to_stable, rolling_back
//   rolling_back      -> rolled_back
//
// From observing on, every state also leads to the end that somebody else gives the deployment at
// the console. A canary of which the daemon has no record begins in rolling_back.
//
// The driver commits the new state and the records before it acts on them. What to do is part of
// the state (`next_call`, `next_due`), so a restored canary that is told `resumed` goes on by
// itself.
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/canary/event.hpp"
#include "canaryd/canary/pending_call.hpp"
#include "canaryd/canary/phase.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/evidence.hpp"
#include "canaryd/judge/reading.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::canary {

// How many readings had each verdict so far.
struct reading_counts {
  std::int64_t pass = 0;
  std::int64_t breach = 0;
  std::int64_t no_data = 0;
  std::int64_t provider_error = 0;

  bool operator==(const reading_counts&) const = default;
};
BOOST_DESCRIBE_STRUCT(reading_counts, (), (pass, breach, no_data, provider_error))

std::int64_t total(const reading_counts& counts);

// The hold under way: one share of the traffic being watched.
struct hold_progress {
  std::int32_t step = 0;
  // When the deploy or the last traffic change was confirmed.
  instant since;
  // Has no meaning while the clock stands still.
  instant ends;
  // The hold ended without enough to go on, and now uses up the job's max_extension.
  bool extended = false;
  instant next_due;
  // Consecutive readings of each kind (reference: "Counters").
  std::int32_t breaches = 0;
  std::int32_t no_data = 0;
  std::int32_t provider_errors = 0;
  // Since the last pass, a reading breached or failed, or had too little data and showed a metric
  // past its limit.
  bool troubled = false;
  // The canary was not watched for longer than an interval, and no reading has been taken since.
  // The newest one tells of the time before.
  bool unwatched = false;
  // An operator has approved the gate. It opens at the next pass.
  bool approved = false;
  // Consecutive breaches of each metric of the job's failure_limits, in their order. Empty means
  // none.
  std::vector<std::int32_t> own_breaches;
  // The time over which the sequential method has counted conversations. It begins with `since`, or
  // later if a window cannot reach back that far.
  instant counted_from;
  instant counted_until;

  bool operator==(const hold_progress&) const = default;
};
BOOST_DESCRIBE_STRUCT(hold_progress, (),
                      (step, since, ends, extended, next_due, breaches, no_data, provider_errors,
                       troubled, unwatched, approved, own_breaches, counted_from, counted_until))

// All that has to survive a crash.
struct canary {
  std::string job_id;
  // Unique among all jobs ever. Idempotency keys and record ids are made of it.
  std::string uid;
  canary_phase phase;
  // Tells a person what the canary waits for, or how it ended.
  std::string detail;
  // Known before the deploy is settled, if only the look-up for surplus deployments is left.
  std::string deployment_id;
  // Further deployments that repeated deploys have made. They are rolled back besides everything
  // else.
  std::vector<std::string> surplus_deployments;
  // Failed attempts to roll back the first of them.
  std::int32_t surplus_failures = 0;
  std::optional<pending_call> next_call;
  // The hold under way, or the last one. The promote goes on with its numbers.
  hold_progress hold;
  // What is left of the job's max_extension.
  duration extension_left{};
  // The operator, as name(uid), whose abort or promote decides how it ends.
  std::string decided_by;
  // The unknown status word that was last warned of.
  std::string odd_status;
  std::optional<judge::reading> newest;
  reading_counts readings;
  // Present from the first hold on, if the method is sequential.
  std::optional<judge::evidence> gathered;
  wall_time started_at;
  wall_time ended_at;
  std::uint32_t records_made = 0;
  std::uint32_t calls_made = 0;

  bool operator==(const canary&) const = default;
};
BOOST_DESCRIBE_STRUCT(canary, (),
                      (job_id, uid, phase, detail, deployment_id, surplus_deployments,
                       surplus_failures, next_call, hold, extension_left, decided_by, odd_status,
                       newest, readings, gathered, started_at, ended_at, records_made, calls_made))

canary_state state_of(const canary& current);
// Why it ended, or is being ended, as it is.
std::optional<reason> why_of(const canary& current);
// Whether the API confirms its end (ending::verified). Empty before the end stands.
std::optional<bool> is_verified(const canary& current);
// Nothing of the canary runs any more, and nothing is left to do.
bool is_final(const canary& current);
// The next step's share of the traffic is being set.
bool is_changing_traffic(const canary& current);
// All traffic was taken away from it, because its rollback was refused.
bool has_no_traffic_left(const canary& current);
// How much of the hold is left, whether its clock runs or stands still.
duration left_of_hold(const canary& current, instant now);

// The world at the moment of the event, and the settings that bear on a decision.
struct context {
  instant now;
  wall_time wall;
  // A random number in [0, 1) for backoff and for spreading readings.
  double random = 0.0;
  // By which factor the intervals between polls are longer than asked for, at least 1.
  double stretch = 1.0;
  duration request_timeout = std::chrono::seconds{30};
  // The unit in which the API takes windows; the sequential method's readings keep to it.
  duration window_unit = std::chrono::minutes{1};
  // The `versions` call is configured.
  bool checks_versions = false;
  // The state cannot be written at present. A hold that would end goes on, and uses up nothing of
  // max_extension.
  bool cannot_conclude = false;
};

struct advance_result {
  canary next;
  std::vector<audit_record> records;
  std::vector<note> notes;
};

// A canary that has just been taken from a file.
canary make_canary(std::string job_id, std::string uid, const job::job& spec);

// A canary of which the daemon has no record. Its deployment is rolled back.
canary make_abandoned(std::string job_id, std::string uid, std::string deployment_id, instant now);

// Works out what follows from the event. An answer that next_call does not ask for, a reading of a
// canary that is not watched, and anything after the end change nothing.
advance_result advance(const job::job& spec, canary before, const event& what, const context& at);

// The canary's share of the traffic in the step after the present one. Requires that there is one.
double next_share(const job::job& spec, const canary& current);

// A hold is under way, whether its clock runs or stands still.
bool is_holding(const canary& current);

// True while the metrics are to be polled, at hold.next_due.
bool is_watched(const canary& current);

// A reading is so long overdue that nobody can have watched the canary, and the canary does not
// know it yet. The event `awoken` tells it, so that no command is judged by an outdated reading.
bool went_unwatched(const job::job& spec, const canary& current, double stretch, instant now);

// A deploy may have happened, and provider_error_limit or more look-ups in a row have failed. A
// person has to look into it.
bool is_deploy_lost(const job::job& spec, const canary& current);

// A deploy was sent, and its outcome is not known.
bool is_deploy_uncertain(const canary& current);

// An operator wants it ended as soon as it is known what the deploy has made.
bool is_abort_wanted(const canary& current);

// The newest reading is a pass.
bool is_passing(const canary& current);

// How long the poll that falls due at hold.next_due may take, counted from its first request. This
// is the planned time until the next reading, however late the poll begins. `unit` as in
// context::window_unit.
duration poll_time(const job::job& spec, const canary& current, double stretch, duration unit);

// From when on a reading counts conversations, if the method is sequential. A poll then asks for
// the whole units since that time, and may wait for the end of a unit. Empty for any other method,
// where poll_window() applies.
std::optional<instant> counted_from(const job::job& spec, const canary& current);

// The window to ask for at hold.next_due: the job's own, but never longer than the time from the
// deploy or last traffic change until then, rounded up to `unit`. A poll that is a little late does
// not ask for more, because that window could reach back before the canary.
duration poll_window(const job::job& spec, const canary& current, duration unit);

// The Idempotency-Key of an intended action: the same for every repeat of it, before and after a
// restart.
std::string idempotency_key(const canary& current, operation what);

}  // namespace canaryd::canary
