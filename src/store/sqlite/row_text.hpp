// Writes values as the text of a column, and reads them.
#pragma once

#include "canaryd/judge/reading.hpp"
#include "canaryd/store/store.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::store {

// Empty text and a time that was never set are NULL.
std::optional<std::string> text_or_null(std::string_view text);
std::optional<std::string> time_or_null(wall_time time);

// Writes an object with the metrics by name, each as judge/reading_json.hpp writes it.
std::string judged_metrics_text(const judge::reading& taken);

result<std::vector<judge::judged_metric>> parse_judged_metrics(std::string_view text);

// Adds the members that only another version knows (canary::unknown_members).
std::string canary_text(const canary::canary& current, const boost::json::object& unknown);

struct stored_canary {
  canary::canary canary;
  boost::json::object unknown;
};
result<stored_canary> parse_canary(std::string_view text);

// Returns the platform that a stored job names. If it names none, if its row is gone, or if its
// spec cannot be read, returns job::default_platform.
std::string platform_of(std::string_view stored_spec);

// Returns the key of a deployment in the table of all deployments. Two platforms may use the same
// id.
std::string deployment_key(const std::string& platform, const std::string& deployment_id);

}  // namespace canaryd::store
