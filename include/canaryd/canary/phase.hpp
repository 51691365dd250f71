// Where a canary is in its life, each phase with what it has to remember, and nothing else.
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

// What the newest attempt of a change was answered with. After a 2xx what is left is to see it
// done; after a refusal the status says whether it was needed.
enum class newest_attempt : std::uint8_t { open, accepted, refused };

// What was there before the first deploy.
struct listed_before {
  // Every deployment that was listed: none of them is this job's.
  std::vector<std::string> known_deployments;
  // Live deployments that may be of this version, and that cannot be read.
  std::int32_t unreadable = 0;

  bool operator==(const listed_before&) const = default;
};
BOOST_DESCRIBE_STRUCT(listed_before, (), (known_deployments, unreadable))

// The hold's clock stands still.
struct standstill {
  // For an operator's approval, or because an operator has paused it.
  bool at_gate = false;
  instant since;
  // How much of the hold was left then, which is negative in an extension.
  duration left{};

  bool operator==(const standstill&) const = default;
};
BOOST_DESCRIBE_STRUCT(standstill, (), (at_gate, since, left))

// The next step's share of the traffic is being set; the hold before it goes on being watched.
struct traffic_change {
  newest_attempt answered = newest_attempt::open;
  // That failed.
  std::int32_t attempts = 0;
  // The newest attempt is not repeated before this.
  instant repeat_at;
  // When an attempt went out whose fate is not known.
  std::optional<instant> sent_at;

  bool operator==(const traffic_change&) const = default;
};
BOOST_DESCRIBE_STRUCT(traffic_change, (), (answered, attempts, repeat_at, sent_at))

// How a canary ended. `as` is final.
struct ending {
  canary_state as = canary_state::failed;
  reason why = reason::passed;
  // The API's status says so. False where all there is is that the API has accepted it, or does not
  // know the deployment any more. Nothing where nothing was deployed.
  std::optional<bool> verified;

  bool operator==(const ending&) const = default;
};
BOOST_DESCRIBE_STRUCT(ending, (), (as, why, verified))

namespace phases {

// Nothing has been sent.
struct queued {
  // Questions in a row that failed, and those that could not be asked for want of a token.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  listed_before before;

  bool operator==(const queued&) const = default;
};
BOOST_DESCRIBE_STRUCT(queued, (), (attempts, token_failures, before))

struct deploying {
  listed_before before;
  // Attempts that failed, and those in a row that nothing could be sent for.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
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
  // An operator wants it ended as soon as it is known what the deploy has made.
  bool abort_wanted = false;

  bool operator==(const deploying&) const = default;
};
BOOST_DESCRIBE_STRUCT(deploying, (),
                      (before, attempts, token_failures, uncertain, refusal, repeat_at,
                       empty_look_ups, failed_look_ups, abort_wanted))

// Observing, unless the clock stands still.
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
  // That failed.
  std::int32_t attempts = 0;
  // One went out, and its fate is not known.
  bool sent = false;
  newest_attempt answered = newest_attempt::open;
  // Since a 2xx: how often the status has said another word, and how often in a row it could not be
  // read.
  std::int32_t other_words = 0;
  std::int32_t failed_reads = 0;
  // A traffic change that was given up may arrive until then.
  std::optional<instant> settles_at;

  bool operator==(const promoting&) const = default;
};
BOOST_DESCRIBE_STRUCT(promoting, (),
                      (why, attempts, sent, answered, other_words, failed_reads, settles_at))

struct rolling_back {
  reason why = reason::inconclusive;
  // Attempts that failed, and those that nothing could be sent for before the first one.
  std::int32_t attempts = 0;
  std::int32_t token_failures = 0;
  newest_attempt answered = newest_attempt::open;
  // The refusal has been recorded, and traffic has been taken away, respectively.
  bool refusal_recorded = false;
  bool traffic_removed = false;
  // How often it was taken away: it may come back.
  std::int32_t removals = 0;
  // How often it was seen rolled back while something could still bring it back.
  std::int32_t completions = 0;
  // Since when look-ups in a row have not found the deployment.
  std::optional<instant> absent_since;
  // A traffic change or a promote may arrive until then: the rollback is not taken as done before.
  std::optional<instant> settles_at;

  bool operator==(const rolling_back&) const = default;
};
BOOST_DESCRIBE_STRUCT(rolling_back, (),
                      (why, attempts, token_failures, answered, refusal_recorded, traffic_removed,
                       removals, completions, absent_since, settles_at))

// The outcome stands; what is left is to roll back surplus deployments.
struct clearing_up {
  ending how;
  // Its own traffic was taken away before the outcome.
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
