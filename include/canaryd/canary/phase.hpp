// Where a canary is in its life. Each phase has what it must remember, and nothing else.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/canary/canary_state.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace canaryd::canary {

// The answer to the newest attempt at a change. After a 2xx, the change must still be seen done.
// After a refusal, the status says whether the change was needed.
enum class newest_attempt : std::uint8_t { open, accepted, refused };

// The deployments that were listed before the first deploy.
struct listed_before {
  // Their ids. None of them belongs to this job.
  std::vector<std::string> known_deployments;
  // The number of live deployments that may be of this version but cannot be read.
  std::int32_t unreadable = 0;

  bool operator==(const listed_before&) const = default;
};
BOOST_DESCRIBE_STRUCT(listed_before, (), (known_deployments, unreadable))

// The hold's clock stands still.
struct standstill {
  // True if it waits for an operator's approval; false if an operator has paused it.
  bool at_gate = false;
  instant since;
  // How much of the hold was left then. It is negative in an extension.
  duration left{};

  bool operator==(const standstill&) const = default;
};
BOOST_DESCRIBE_STRUCT(standstill, (), (at_gate, since, left))

// The next step's share of the traffic is being set. The hold before it is still watched.
struct traffic_change {
  newest_attempt answered = newest_attempt::open;
  // The number of failed attempts.
  std::int32_t attempts = 0;
  // The newest attempt is not repeated before this.
  instant repeat_at;
  // When an attempt of unknown outcome went out.
  std::optional<instant> sent_at;

  bool operator==(const traffic_change&) const = default;
};
BOOST_DESCRIBE_STRUCT(traffic_change, (), (answered, attempts, repeat_at, sent_at))

// How a canary ended. `as` is final.
struct ending {
  canary_state as = canary_state::failed;
  reason why = reason::passed;
  // True if the API's status confirms the end. False if the API has only accepted it, or no longer
  // knows the deployment. Empty if nothing was deployed.
  std::optional<bool> verified;

  bool operator==(const ending&) const = default;
};
BOOST_DESCRIBE_STRUCT(ending, (), (as, why, verified))

namespace phases {

// Nothing has been sent.
struct queued {
  // Questions that failed in a row, and those that were not asked because there was no token.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  listed_before before;

  bool operator==(const queued&) const = default;
};
BOOST_DESCRIBE_STRUCT(queued, (), (attempts, token_failures, before))

struct deploying {
  listed_before before;
  // Failed attempts, and attempts in a row in which nothing was sent because there was no token.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  // An attempt of unknown outcome went out.
  bool uncertain = false;
  // The newest attempt was refused, with this text, while an older one is uncertain.
  std::string refusal;
  // The newest attempt is not repeated before this.
  instant repeat_at;
  // The look-ups that found nothing since the newest attempt.
  std::int32_t empty_look_ups = 0;
  // The look-ups that failed in a row. A refusal counts as provider_error_limit of them.
  std::int32_t failed_look_ups = 0;
  // An operator wants it ended as soon as it is known what the deploy has made.
  bool abort_wanted = false;

  bool operator==(const deploying&) const = default;
};
BOOST_DESCRIBE_STRUCT(deploying, (),
                      (before, attempts, token_failures, uncertain, refusal, repeat_at,
                       empty_look_ups, failed_look_ups, abort_wanted))

// The canary is observed, unless the hold's clock stands still.
struct watching {
  std::optional<standstill> stopped;
  std::optional<traffic_change> change;
  // The status is wanted because of the newest reading or a resume.
  bool status_wanted = false;

  bool operator==(const watching&) const = default;
};
BOOST_DESCRIBE_STRUCT(watching, (), (stopped, change, status_wanted))

struct promoting {
  reason why = reason::passed;
  // The number of failed attempts.
  std::int32_t attempts = 0;
  // An attempt of unknown outcome went out.
  bool sent = false;
  newest_attempt answered = newest_attempt::open;
  // How often the status had another word since the 2xx, and how often in a row it could not be
  // read.
  std::int32_t other_words = 0;
  std::int32_t failed_reads = 0;
  // Until then, a traffic change that was given up may still arrive.
  std::optional<instant> settles_at;

  bool operator==(const promoting&) const = default;
};
BOOST_DESCRIBE_STRUCT(promoting, (),
                      (why, attempts, sent, answered, other_words, failed_reads, settles_at))

struct rolling_back {
  reason why = reason::inconclusive;
  // Failed attempts, and those before the first one in which nothing was sent for lack of a token.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  newest_attempt answered = newest_attempt::open;
  // Whether the refusal has been recorded, and whether the traffic has been taken away.
  bool refusal_recorded = false;
  bool traffic_removed = false;
  // How often the traffic was taken away. It may come back.
  std::int32_t removals = 0;
  // How often the deployment was seen rolled back while something could still bring it back.
  std::int32_t completions = 0;
  // When look-ups began to miss the deployment. Empty if the newest one has found it.
  std::optional<instant> absent_since;
  // Until then, a traffic change or a promote may still arrive, so the rollback does not count as
  // done.
  std::optional<instant> settles_at;

  bool operator==(const rolling_back&) const = default;
};
BOOST_DESCRIBE_STRUCT(rolling_back, (),
                      (why, attempts, token_failures, answered, refusal_recorded, traffic_removed,
                       removals, completions, absent_since, settles_at))

// The outcome stands. Surplus deployments must still be rolled back.
struct clearing_up {
  ending how;
  // The canary's own traffic was taken away before the outcome.
  bool traffic_removed = false;

  bool operator==(const clearing_up&) const = default;
};
BOOST_DESCRIBE_STRUCT(clearing_up, (), (how, traffic_removed))

struct ended {
  ending how;

  bool operator==(const ended&) const = default;
};
BOOST_DESCRIBE_STRUCT(ended, (), (how))

}  // namespace phases

using canary_phase =
    std::variant<phases::queued, phases::deploying, phases::watching, phases::promoting,
                 phases::rolling_back, phases::clearing_up, phases::ended>;

}  // namespace canaryd::canary
