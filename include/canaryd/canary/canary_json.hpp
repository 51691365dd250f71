// A canary as JSON, to be stored. Every field has the name that it has in canary/canary_row.hpp;
// enumerations are words, wall times RFC 3339, instants and durations whole nanoseconds, what is
// absent null.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/canary/canary_row.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace canaryd::canary {

// The longest duration, and the farthest instant on either side of zero, that is read: far beyond
// any job, and near enough for arithmetic. instant::max() (never) is read as well.
inline constexpr duration longest_time = std::chrono::days{36'500};

boost::json::object canary_to_json(const canary& current);
boost::json::object row_to_json(const rows::canary& row);

// What canary_to_json has written, of this version or another (reference: "Stored rows"): unknown
// fields are left to unknown_members(), and missing ones are as they began, but for the state. Of
// the newest reading, an unknown source is metrics_source::unknown, and one with an unknown verdict
// is left out. Any other unknown word, a missing state, a field of the wrong kind, a negative or
// very high count, and a time over longest_time are errors (fault::malformed) that name the field;
// so is what makes no canary (from_row).
result<canary> canary_from_json(const boost::json::value& found);

// What is in `found`, which canary_from_json has read, and that a canary cannot hold: members that
// only another version knows, each where it was, and the newest reading and the next call as a
// whole where anything in them is unknown. Empty for what this version has written.
boost::json::object unknown_members(const boost::json::value& found);

// False where a number in it is beyond the range of a double, and so cannot be written again.
bool has_only_finite_numbers(const boost::json::value& found);

// Puts what unknown_members() has found back into what canary_to_json makes of `current`. A reading
// or a call goes back for as long as it is still the one that it was. Requires finite numbers.
void keep_unknown(boost::json::object& written, const canary& current,
                  const boost::json::object& unknown);

// Moves every instant by as much, for the instants of an earlier boot. An instant that was never
// set (zero), or never comes (instant::max), stays; one that leaves the range of longest_time ends
// at its edge.
void shift_instants(canary& moved, duration by);

}  // namespace canaryd::canary
