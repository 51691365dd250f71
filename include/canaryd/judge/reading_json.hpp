// A judged metric as JSON, as it is stored with its reading and shown to operators
// (reference: "Control API").
#pragma once

#include "canaryd/judge/reading.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>

namespace canaryd::judge {

// {"value":0.012,"limit":0.05,"worse":"higher","verdict":"pass"}, and if they apply: "stable",
// "dry_run", "optional", "past_hard_limit", "evidence". A missing value is null, and "worse" is
// left out if it is not known. The name is not in it.
boost::json::object metric_to_json(const judged_metric& metric);

// Empty if `found` is not such an object. "worse" may be missing, as former versions left it out.
std::optional<judged_metric> metric_from_json(const boost::json::value& found);

}  // namespace canaryd::judge
