// A canary as it is stored. The row is flat, as in former versions of the program, so that each
// version reads the rows of the other. Members that the canary's phase does not use have their
// defaults.
#pragma once

#include "canaryd/canary/canary.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::canary {

namespace rows {

// The canary's state says what the call is made for.
struct pending_call {
  operation what = operation::look_up;
  instant not_before;
  bool first_attempt = false;
  std::uint32_t serial = 0;
  double share = 0.0;

  bool operator==(const pending_call&) const = default;
};
BOOST_DESCRIBE_STRUCT(pending_call, (), (what, not_before, first_attempt, serial, share))

struct deploy {
  std::vector<std::string> known_deployments;
  bool uncertain = false;
  std::string refusal;
  instant repeat_at;
  std::int32_t empty_look_ups = 0;
  std::int32_t failed_look_ups = 0;
  std::int32_t unreadable_before = 0;

  bool operator==(const deploy&) const = default;
};
BOOST_DESCRIBE_STRUCT(deploy, (),
                      (known_deployments, uncertain, refusal, repeat_at, empty_look_ups,
                       failed_look_ups, unreadable_before))

// The hold, and since when its clock stands still.
struct hold : hold_progress {
  std::optional<instant> paused_since;
  duration left{};

  bool operator==(const hold&) const = default;
};
BOOST_DESCRIBE_STRUCT(hold, (hold_progress), (paused_since, left))

struct traffic {
  bool under_way = false;
  bool refused = false;
  instant repeat_at;
  std::optional<instant> sent_at;

  bool operator==(const traffic&) const = default;
};
BOOST_DESCRIBE_STRUCT(traffic, (), (under_way, refused, repeat_at, sent_at))

struct promote {
  bool accepted = false;
  std::int32_t other_words = 0;
  std::int32_t failed_reads = 0;

  bool operator==(const promote&) const = default;
};
BOOST_DESCRIBE_STRUCT(promote, (), (accepted, other_words, failed_reads))

struct rollback {
  bool accepted = false;
  bool refusal_recorded = false;
  bool traffic_removed = false;
  std::int32_t removals = 0;
  std::int32_t completions = 0;
  bool after_refusal = false;
  std::optional<instant> absent_since;
  std::optional<instant> settles_at;

  bool operator==(const rollback&) const = default;
};
BOOST_DESCRIBE_STRUCT(rollback, (),
                      (accepted, refusal_recorded, traffic_removed, removals, completions,
                       after_refusal, absent_since, settles_at))

struct canary {
  std::string job_id;
  std::string uid;
  canary_state state = canary_state::queued;
  std::optional<reason> why;
  std::string detail;
  std::string deployment_id;
  std::vector<std::string> surplus_deployments;
  std::optional<pending_call> next_call;
  duration extension_left{};
  // Failed attempts at what is under way: deploy, traffic change, promote or rollback.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  std::int32_t surplus_failures = 0;
  bool surplus_accepted = false;
  rows::deploy deploy;
  rows::hold hold;
  rows::traffic traffic;
  rows::promote promote;
  rows::rollback rollback;
  bool promote_uncertain = false;
  bool promote_refused = false;
  bool status_wanted = false;
  bool abort_wanted = false;
  std::string decided_by;
  std::string odd_status;
  std::optional<bool> verified;
  // The outcome that stands while surplus deployments are still rolled back.
  std::optional<canary_state> ends_as;
  std::optional<judge::reading> newest;
  reading_counts readings;
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

}  // namespace rows

// The row has all that a former version of the program needs.
rows::canary to_row(const canary& current);

// Fails if the state contradicts what belongs to it, or if a part is missing without which there is
// no such state.
result<canary> from_row(rows::canary found);

}  // namespace canaryd::canary
