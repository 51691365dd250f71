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
// From observing on, each of them also leads to the end that somebody else gives the deployment at
// the console. A canary that nobody remembers begins in rolling_back.
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

// How readings were judged so far.
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
  // Says nothing while the clock stands still.
  instant ends;
  // The hold ended without a passing newest reading and goes on, on the job's max_extension.
  bool extended = false;
  instant next_due;
  // Consecutive readings of each kind (reference: "Counters").
  std::int32_t breaches = 0;
  std::int32_t no_data = 0;
  std::int32_t provider_errors = 0;
  // A reading since the last pass breached or failed, or was without data and showed a metric past
  // its limit.
  bool troubled = false;
  // For longer than an interval nobody was there to look, and no reading has been taken since: the
  // newest one tells of the time before.
  bool unwatched = false;
  // At a gate: an operator has approved; it opens at the next pass.
  bool approved = false;
  // Consecutive breaches of each metric of the job's failure_limits, in their order; empty: none.
  std::vector<std::int32_t> own_breaches;
  // Since when the sequential method counts conversations: `since`, or later where that is longer
  // ago than a window can be. And until when it has counted them.
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
  // Unique over all jobs ever: what idempotency keys and record ids are made of.
  std::string uid;
  canary_phase phase;
  // What it waits for, or how it ended, for a person.
  std::string detail;
  // Known before the deploy is settled where the look-up for a surplus is all that is left.
  std::string deployment_id;
  // Further deployments that repeated deploys turned out to have made: rolled back beside the rest.
  std::vector<std::string> surplus_deployments;
  // Failed attempts to roll back the first of them.
  std::int32_t surplus_failures = 0;
  std::optional<pending_call> next_call;
  // The hold under way, or the last one: what comes after it goes on from its numbers.
  hold_progress hold;
  // What is left of the job's max_extension.
  duration extension_left{};
  // The operator, as name(uid), whose abort or promote decides how it ends.
  std::string decided_by;
  // The unknown status word that was last warned of.
  std::string odd_status;
  std::optional<judge::reading> newest;
  reading_counts readings;
  // Where the method is sequential.
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
// What its end, once that stands, was confirmed by (ending::verified).
std::optional<bool> is_verified(const canary& current);
// Nothing of the canary runs any more, and nothing is left to do.
bool is_final(const canary& current);
// The next step's share of the traffic is being set.
bool is_changing_traffic(const canary& current);
// All traffic was taken away from it, because its rollback was refused.
bool has_no_traffic_left(const canary& current);
// How much of the hold is left, with its clock standing still or not.
duration left_of_hold(const canary& current, instant now);

// The world at the moment of the event, and the settings that bear on a decision.
struct context {
  instant now;
  wall_time wall;
  // In [0, 1): where a decision wants chance (backoff, spreading).
  double random = 0.0;
  // How many times longer than asked for the intervals between polls are, at least 1.
  double stretch = 1.0;
  duration request_timeout = std::chrono::seconds{30};
  // The unit in which the API takes windows; the sequential method's readings keep to it.
  duration window_unit = std::chrono::minutes{1};
  // The `versions` call is configured.
  bool checks_versions = false;
  // Decisions cannot be written down at present: a hold that ends goes on, and uses up none of
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

// A canary that nobody remembers starting: its deployment is rolled back.
canary make_abandoned(std::string job_id, std::string uid, std::string deployment_id, instant now);

// An answer that next_call does not ask for, a reading of a canary that is not watched, and
// whatever happens after the end change nothing.
advance_result advance(const job::job& spec, canary before, const event& what, const context& at);

// The canary's share of the traffic in the step after the present one. Requires that there is one.
double next_share(const job::job& spec, const canary& current);

// The share of the traffic is being held, with the hold's clock standing still or not.
bool is_holding(const canary& current);

// True while the metrics are to be polled, at hold.next_due.
bool is_watched(const canary& current);

// A reading is overdue for so long that nobody can have looked, and the canary does not know it
// yet: the event `awoken` tells it, before a command is judged by what may be long past.
bool went_unwatched(const job::job& spec, const canary& current, double stretch, instant now);

// A deploy may have happened, and provider_error_limit or more look-ups in a row have failed:
// somebody has to see to it.
bool is_deploy_lost(const job::job& spec, const canary& current);

// A deploy went out whose outcome is not known.
bool is_deploy_uncertain(const canary& current);

// An operator wants it ended as soon as it is known what the deploy has made.
bool is_abort_wanted(const canary& current);

// The newest reading is a pass.
bool is_passing(const canary& current);

// How long the poll that falls due at hold.next_due may take from when its first request goes out:
// as long as it is from then to the next reading, however late it begins. `unit` as in
// context::window_unit.
duration poll_time(const job::job& spec, const canary& current, double stretch, duration unit);

// Since when a reading is to count conversations, where the method is sequential: a poll asks for
// the whole units from then on, and may wait for the end of one. Nothing otherwise: poll_window().
std::optional<instant> counted_from(const job::job& spec, const canary& current);

// The window to ask for at hold.next_due: the job's own, but never longer than the time from the
// deploy or last traffic change until then, rounded up to `unit`. A poll that is a little late asks
// for no more: what went before the canary would be in it.
duration poll_window(const job::job& spec, const canary& current, duration unit);

// The Idempotency-Key of an intended action: the same for every repeat of it, before and after a
// restart.
std::string idempotency_key(const canary& current, operation what);

}  // namespace canaryd::canary
