// Values as the text of a column, and back.
#pragma once

#include "canaryd/core/audit.hpp"
#include "canaryd/core/reading.hpp"
#include "canaryd/store/store.hpp"

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

std::string canary_text(const core::canary& current);
core::result<core::canary> parse_canary(std::string_view text);

// As core::write_job_file gives it; whatever bounds the configuration had when the job was taken,
// it reads back.
core::result<core::job> parse_spec(std::string_view text);

}  // namespace canaryd::store
