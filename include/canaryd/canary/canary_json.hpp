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

// Reads what canary_to_json of this version or another has written (reference: "Stored rows").
// Unknown fields are left to unknown_members(). Missing fields, except the state, keep their
// defaults. If the newest reading has an unknown source, that becomes metrics_source::unknown. If
// it has an unknown verdict, it is left out. Errors (fault::malformed) name the field: any other
// unknown word, a missing state, a field of the wrong kind, a negative or very high count, and a
// time beyond longest_time. A row that makes no canary is an error as well (from_row).
result<canary> canary_from_json(const boost::json::value& found);

// What a canary cannot hold of `found`: members that only another version knows, each in its place,
// and the whole newest reading or next call if anything in it is unknown. Empty for what this
// version has written. Requires that canary_from_json has read `found`.
boost::json::object unknown_members(const boost::json::value& found);

// False where a number in it is beyond the range of a double, and so cannot be written again.
bool has_only_finite_numbers(const boost::json::value& found);

// Puts what unknown_members() has found back into what canary_to_json makes of `current`. A reading
// or a call is put back only while it is still the same one. Requires finite numbers.
void keep_unknown(boost::json::object& written, const canary& current,
                  const boost::json::object& unknown);

// Moves every instant by the same time. This adapts the instants of an earlier boot. An instant
// that was never set (zero), or never comes (instant::max), stays; one that leaves the range of
// longest_time ends at its edge.
void shift_instants(canary& moved, duration by);

}  // namespace canaryd::canary
