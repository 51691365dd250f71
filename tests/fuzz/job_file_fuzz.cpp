// Any bytes as a job file: refused with its problems, or a job that can be written and read again.
#include "canaryd/core/job_file.hpp"
#include "canaryd/core/job_lint.hpp"

#include "problems.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace canaryd::fuzz {
namespace {

const core::job_rules rules{.min_interval = {},
                            .webhook_secret_configured = true,
                            .window_unit = std::chrono::seconds{1},
                            .defaults = {}};

// core::write_job_file allows the last of more than 15 digits to differ.
void adopt_if_nearly(double& value, double original) {
  if (std::abs(value - original) <= std::abs(original) * 1e-14)
    value = original;
}

void adopt_if_nearly(std::optional<double>& value, const std::optional<double>& original) {
  if (value && original)
    adopt_if_nearly(*value, *original);
}

void adopt_if_nearly(core::analysis_rules& read, const core::analysis_rules& original) {
  adopt_if_nearly(read.alpha, original.alpha);
  adopt_if_nearly(read.tolerated_ratio, original.tolerated_ratio);
  adopt_if_nearly(read.hard.error_rate, original.hard.error_rate);
  adopt_if_nearly(read.hard.satisfaction_score, original.hard.satisfaction_score);
  adopt_if_nearly(read.hard.max_latency_ms, original.hard.max_latency_ms);
  for (std::size_t i = 0; i < std::min(read.checks.size(), original.checks.size()); ++i)
    adopt_if_nearly(read.checks[i].limit, original.checks[i].limit);
}

// The job with the numbers of `original` where they differ by rounding alone.
core::job rounded_as(core::job read, const core::job& original) {
  for (std::size_t i = 0; i < std::min(read.steps.size(), original.steps.size()); ++i)
    adopt_if_nearly(read.steps[i].canary_percent, original.steps[i].canary_percent);
  adopt_if_nearly(read.stable_percent, original.stable_percent);
  adopt_if_nearly(read.max_traffic_percentage, original.max_traffic_percentage);
  auto& limits = read.rollback_thresholds;
  adopt_if_nearly(limits.error_rate, original.rollback_thresholds.error_rate);
  adopt_if_nearly(limits.satisfaction_score, original.rollback_thresholds.satisfaction_score);
  adopt_if_nearly(limits.max_latency_ms, original.rollback_thresholds.max_latency_ms);
  adopt_if_nearly(read.analysis, original.analysis);
  return read;
}

void read_job_file(std::string_view bytes) {
  const auto job = core::parse_job_file(bytes, rules);
  if (!job)
    return require_sound(job.error());
  for (const auto& warning : core::lint_job(*job, bytes, {}))
    require(!warning.message.empty(), "a warning says what is odd");
  const auto written = core::write_job_file(*job);
  const auto again = core::parse_job_file(written, rules);
  require(again.has_value(), "a job that was read can be written and read again");
  require(rounded_as(*again, *job) == *job, "a job is the same after it was written and read");
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::read_job_file(canaryd::fuzz::as_text(data, size));
  return 0;
}
