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

#include "canaryd/base/error.hpp"
#include "canaryd/base/note.hpp"
#include "canaryd/canary/audit.hpp"
#include "canaryd/canary/deployment.hpp"
#include "canaryd/job/job.hpp"
#include "canaryd/judge/evidence.hpp"
#include "canaryd/judge/reading.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace canaryd::canary {

enum class canary_state : std::uint8_t {
  queued,
  deploying,
  observing,
  // As observing, but the hold's clock stands still.
  paused,
  // As paused: before a step or the promote, until an operator approves.
  waiting_approval,
  promoting,
  rolling_back,
  promoted_to_stable,
  rolled_back,
  failed,
};

inline constexpr std::size_t state_count = static_cast<std::size_t>(canary_state::failed) + 1;

// Why a canary ended, or is being ended, as it is.
enum class reason : std::uint8_t {
  passed,
  proven_early,
  inconclusive,
  operator_promote,
  operator_abort,
  gate_timeout,
  external_change,
  threshold_breach,
  hard_limit,
  provider_unavailable,
  step_refused,
  promote_refused,
  deploy_refused,
};

std::string_view to_string(canary_state state);
std::string_view to_string(reason why);
// Nothing of the canary runs any more, and nothing is left to do.
bool is_final(canary_state state);

// A call that the canary wants made.
enum class operation : std::uint8_t {
  check_version,
  look_up,
  register_webhook,
  deploy,
  read_status,
  // Set the traffic to the next step's share.
  change_traffic,
  promote,
  rollback,
  // Set the traffic to stable 100, canary 0: what is left where a rollback is refused.
  remove_traffic,
  // Roll back the first of surplus_deployments, and see what became of it.
  rollback_surplus,
  read_surplus,
};

struct pending_call {
  operation what = operation::look_up;
  instant not_before;
  // Of a rollback, or of the reading of a status on its way to one: the first is always served
  // next.
  bool first_attempt = false;
  // Differs between any two calls of one canary that follow each other.
  std::uint32_t serial = 0;

  bool operator==(const pending_call&) const = default;
};
BOOST_DESCRIBE_STRUCT(pending_call, (), (what, not_before, first_attempt, serial))

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

// The deploy under way.
struct deploy_progress {
  // Every deployment that was listed before the first attempt: none of them is this job's.
  std::vector<std::string> known_deployments;
  // An attempt went out whose fate is not known.
  bool uncertain = false;
  // The newest attempt was refused, with this text, while an older one is uncertain.
  std::string refusal;
  // The newest attempt is not repeated before this.
  instant repeat_at;
  // Look-ups since the newest attempt that found nothing.
  std::int32_t empty_look_ups = 0;
  // Look-ups in a row that failed; a refusal counts as provider_error_limit of them.
  std::int32_t failed_look_ups = 0;
  // Listed before the first attempt: live deployments that may be of this version, and that cannot
  // be read.
  std::int32_t unreadable_before = 0;

  bool operator==(const deploy_progress&) const = default;
};
BOOST_DESCRIBE_STRUCT(deploy_progress, (),
                      (known_deployments, uncertain, refusal, repeat_at, empty_look_ups,
                       failed_look_ups, unreadable_before))

// The hold under way: one share of the traffic being watched.
struct hold_progress {
  std::int32_t step = 0;
  // When the deploy or the last traffic change was confirmed.
  instant since;
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
  // While the canary is paused or waits at a gate: since when, and how much of the hold was left
  // then, which is negative in an extension. `ends` says nothing meanwhile.
  std::optional<instant> paused_since;
  duration left{};
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
                       troubled, unwatched, paused_since, left, approved, own_breaches,
                       counted_from, counted_until))

// The next step's share of the traffic is being set; the hold before it goes on being watched.
struct traffic_progress {
  bool under_way = false;
  // The newest attempt was refused; the status says whether somebody else has settled it.
  bool refused = false;
  // The newest attempt is not repeated before this.
  instant repeat_at;
  // When an attempt went out whose fate is not known.
  std::optional<instant> sent_at;

  bool operator==(const traffic_progress&) const = default;
};
BOOST_DESCRIBE_STRUCT(traffic_progress, (), (under_way, refused, repeat_at, sent_at))

// The promote under way.
struct promote_progress {
  // An attempt was answered 2xx; what is left is to see it done.
  bool accepted = false;
  // How often the status has said another word since then, and how often in a row it could not be
  // read.
  std::int32_t other_words = 0;
  std::int32_t failed_reads = 0;

  bool operator==(const promote_progress&) const = default;
};
BOOST_DESCRIBE_STRUCT(promote_progress, (), (accepted, other_words, failed_reads))

// The rollback under way.
struct rollback_progress {
  // An attempt was answered 2xx; what is left is to see it done.
  bool accepted = false;
  // The refusal has been recorded, and traffic has been taken away, respectively.
  bool refusal_recorded = false;
  bool traffic_removed = false;
  // How often it was taken away: it may come back.
  std::int32_t removals = 0;
  // How often it was seen rolled back while something could still bring it back.
  std::int32_t completions = 0;
  // The status is being read because the newest attempt was refused.
  bool after_refusal = false;
  // Since when look-ups in a row have not found the deployment.
  std::optional<instant> absent_since;
  // A traffic change or a promote may arrive until then: the rollback is not taken as done before.
  std::optional<instant> settles_at;

  bool operator==(const rollback_progress&) const = default;
};
BOOST_DESCRIBE_STRUCT(rollback_progress, (),
                      (accepted, refusal_recorded, traffic_removed, removals, completions,
                       after_refusal, absent_since, settles_at))

// All that has to survive a crash.
struct canary {
  std::string job_id;
  // Unique over all jobs ever: what idempotency keys and record ids are made of.
  std::string uid;
  canary_state state = canary_state::queued;
  std::optional<reason> why;
  // What it waits for, or how it ended, for a person.
  std::string detail;
  // Known before the deploy is settled where the look-up for a surplus is all that is left.
  std::string deployment_id;
  // Further deployments that repeated deploys turned out to have made: rolled back beside the rest.
  std::vector<std::string> surplus_deployments;
  std::optional<pending_call> next_call;
  // What is left of the job's max_extension.
  duration extension_left{};
  // Failed attempts of what is under way: deploy, promote, rollback.
  std::int32_t attempts = 0;
  // Attempts in a row that nothing could be sent for, for want of a token.
  std::int32_t token_failures = 0;
  std::int32_t surplus_failures = 0;
  // Rolling back the first of surplus_deployments was answered 2xx; what is left is to see it done.
  bool surplus_accepted = false;
  deploy_progress deploy;
  hold_progress hold;
  traffic_progress traffic;
  promote_progress promote;
  rollback_progress rollback;
  // A promote went out, and its fate is not known.
  bool promote_uncertain = false;
  // A repeated promote was refused; the status says whether an earlier one had landed.
  bool promote_refused = false;
  // The status is wanted because of the newest reading or a resume.
  bool status_wanted = false;
  // An operator wants it ended as soon as it is known what the deploy has made.
  bool abort_wanted = false;
  // The operator, as name(uid), whose abort or promote decides how it ends.
  std::string decided_by;
  // The unknown status word that was last warned of.
  std::string odd_status;
  // Once it is promoted or rolled back: the API's status says so. False where all there is is that
  // the API has accepted it, or does not know the deployment any more.
  std::optional<bool> verified;
  // The outcome that stands already while surplus deployments are still being rolled back.
  std::optional<canary_state> ends_as;
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
                      (job_id, uid, state, why, detail, deployment_id, surplus_deployments,
                       next_call, extension_left, attempts, token_failures, surplus_failures,
                       surplus_accepted, deploy, hold, traffic, promote, rollback,
                       promote_uncertain, promote_refused, status_wanted, abort_wanted, decided_by,
                       odd_status, verified, ends_as, newest, readings, gathered, started_at,
                       ended_at, records_made, calls_made))

enum class command_kind : std::uint8_t { abort, pause, resume, approve, promote };

// An operator's wish.
struct command {
  command_kind what = command_kind::abort;
  // Who gives it, as name(uid).
  std::string actor;
  // The operator's words; may be empty.
  std::string reason;
  // Where the operator believes the canary to be: a state's word, and a step counted from 1.
  std::optional<std::string> expect_state;
  std::optional<std::int32_t> expect_step;
  // Promote although the newest reading is a breach, or there is none.
  bool force = false;
};

// What happened.
struct accepted {};
// The daemon has restarted, and this is the canary as it was last committed.
struct resumed {};
// The daemon, or the whole machine, has stood still for longer than went_unwatched() allows.
struct awoken {};
struct poll_answered {
  result<judge::sourced_sample> outcome;
  // What was asked for.
  duration window{};
  // hold.step when it was: the answer about another share of the traffic is nobody's.
  std::int32_t step = 0;
  // The other arm, where the canary is held against it. Its window is another one where one of the
  // two had to be asked again.
  std::optional<result<judge::sourced_sample>> stable = std::nullopt;
  duration stable_window{};
  // When the request went out that the sample came from, or the poll's first one where it failed.
  // Nothing: when the poll fell due.
  std::optional<instant> asked_at = std::nullopt;
};
struct version_checked {
  result<bool> listed;
};
struct found_deployment {
  deployment found;
  // Another job of this daemon made it.
  bool of_another_job = false;
};
struct looked_up {
  result<std::vector<found_deployment>> found;
  // Of the list, what could be read of the deployments that cannot be told apart.
  std::vector<deployment> unreadable = {};
};
// The webhook is there, or its registration goes on in the background.
struct webhook_settled {};
struct deploy_answered {
  // Empty where a 2xx answer named no deployment.
  result<std::string> deployment_id;
};
struct status_read {
  result<deployment> found;
};
struct promote_answered {
  result<void> outcome;
};
// The answer to change_traffic.
struct traffic_changed {
  result<void> outcome;
};
struct rollback_answered {
  result<void> outcome;
};
struct traffic_removed {
  result<void> outcome;
};
struct surplus_answered {
  result<void> outcome;
};
struct surplus_read {
  result<deployment> found;
};
// One that judge_command() refuses changes nothing.
struct commanded {
  command given;
};

using event =
    std::variant<accepted, resumed, awoken, poll_answered, version_checked, looked_up,
                 webhook_settled, deploy_answered, status_read, promote_answered, traffic_changed,
                 rollback_answered, traffic_removed, surplus_answered, surplus_read, commanded>;

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

struct step_result {
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
step_result step(const job::job& spec, canary before, const event& what, const context& at);

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
