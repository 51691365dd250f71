// A canary as JSON, to be stored. Every field has the name that it has in core/canary.hpp;
// enumerations are words, wall times RFC 3339, instants and durations whole nanoseconds, what is
// absent null.
#pragma once

#include "canaryd/core/canary.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace canaryd::core {

// The longest duration, and the farthest instant on either side of zero, that is read: far beyond
// any job, and near enough for arithmetic. instant::max() (never) is read as well.
inline constexpr duration longest_time = std::chrono::days{36'500};

boost::json::object canary_to_json(const canary& current);

// What canary_to_json has written, or an older version of it: unknown fields are ignored, missing
// ones have their default. A field of the wrong kind, a negative or very high count, or a time over
// longest_time is an error (fault::malformed) that names the field.
result<canary> canary_from_json(const boost::json::value& found);

// Moves every instant by as much, for the instants of an earlier boot. An instant that was never
// set (zero), or never comes (instant::max), stays; one that leaves the range of longest_time ends
// at its edge.
void shift_instants(canary& moved, duration by);

}  // namespace canaryd::core
