// A canary as it is stored: flat, as former versions of the program had it, so that each version
// reads the rows of the other. What the phase of the canary has no use for is as it began.
#pragma once

#include "canaryd/canary/canary.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::canary {

namespace rows {

// What it is made for is told by the state that it is made in.
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

struct hold {
  std::int32_t step = 0;
  instant since;
  instant ends;
  bool extended = false;
  instant next_due;
  std::int32_t breaches = 0;
  std::int32_t no_data = 0;
  std::int32_t provider_errors = 0;
  bool troubled = false;
  bool unwatched = false;
  std::optional<instant> paused_since;
  duration left{};
  bool approved = false;
  std::vector<std::int32_t> own_breaches;
  instant counted_from;
  instant counted_until;

  bool operator==(const hold&) const = default;
};
BOOST_DESCRIBE_STRUCT(hold, (),
                      (step, since, ends, extended, next_due, breaches, no_data, provider_errors,
                       troubled, unwatched, paused_since, left, approved, own_breaches,
                       counted_from, counted_until))

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
  // Of what is under way: deploy, traffic change, promote, rollback.
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
  // The outcome that stands already while surplus deployments are still being rolled back.
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

// Nothing that the former program would have to know is left out.
rows::canary to_row(const canary& current);

// An error where the state and what belongs to it contradict each other, or a part is missing
// without which there is no such state.
result<canary> from_row(rows::canary found);

}  // namespace canaryd::canary
