// Values as the text of a column, and back.
#pragma once

#include "canaryd/core/audit.hpp"
#include "canaryd/core/reading.hpp"
#include "canaryd/store/store.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::store {

// Empty text and a time that was never set are NULL.
std::optional<std::string> text_or_null(std::string_view text);
std::optional<std::string> time_or_null(core::wall_time time);

// {"error_rate":{"value":0.012,"limit":0.05,"verdict":"pass"},…} (core/reading_json.hpp)
std::string judged_metrics_text(const core::reading& taken);

core::result<std::vector<core::judged_metric>> parse_judged_metrics(std::string_view text);

// {"error_rate":0.012,…}, without what is absent.
std::string sample_text(const core::metrics_sample& sample);
core::result<core::metrics_sample> parse_sample(std::string_view text);

// With the members that only another version knows (core::unknown_members).
std::string canary_text(const core::canary& current, const boost::json::object& unknown);

struct stored_canary {
  core::canary canary;
  boost::json::object unknown;
};
core::result<stored_canary> parse_canary(std::string_view text);

}  // namespace canaryd::store
