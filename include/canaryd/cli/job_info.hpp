// Jobs and readings as the control socket describes them (reference: "Control API"), for views.
// What is missing keeps its default, so a view shows what there is.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/cli/exit_code.hpp"
#include "canaryd/job/metric_table.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace canaryd::cli {

struct step_info {
  double canary_percent = 0;
  duration hold{};
  bool approve = false;
};

struct job_info {
  std::string job_id;
  // Empty if the daemon does not tell.
  std::string platform;
  std::string bot_id;
  std::string environment_id;
  std::string version;
  std::string deployment_id;
  std::string state;
  std::string reason;
  std::string detail;
  std::optional<wall_time> started_at;
  std::optional<wall_time> ended_at;
  std::vector<step_info> steps;
  // Counted from 1. 0 if no step has begun.
  std::size_t step = 0;
  // The canary's share in percent.
  std::optional<double> traffic;
  std::optional<wall_time> next_check_at;
  std::optional<duration> hold_remaining;
  // True if the gate that it waits at is approved, and opens with the next passing reading.
  bool approved = false;
  // Counts by verdict: pass, breach, no_data, provider_error.
  std::vector<std::pair<std::string, std::int64_t>> readings;
  std::vector<std::pair<std::string, std::string>> labels;
};

// The evidence that the sequential method has gathered against the canary, and for its being within
// the limit. When one of them reaches `needed`, that is proven.
struct evidence_info {
  double against = 0;
  double within = 0;
  double needed = 0;
};

struct metric_info {
  std::string name;
  std::optional<double> value = std::nullopt;
  std::optional<double> limit = std::nullopt;
  // On which side of the limit a value breaches. Empty if the daemon does not tell.
  std::optional<job::worse_side> worse = std::nullopt;
  std::string verdict;
  // The value of the stable arm, if the canary is compared with it.
  std::optional<double> stable = std::nullopt;
  // True if the verdict has no effect.
  bool dry_run = false;
  std::optional<evidence_info> evidence = std::nullopt;
};

struct reading_info {
  std::string job_id;
  // The time as the daemon wrote it.
  std::string at_text;
  std::optional<wall_time> at;
  std::string verdict;
  std::string source;
  std::optional<double> window_s;
  std::optional<double> conversations;
  // Why it has no data or is a provider error. Empty if the daemon does not tell.
  std::string problem;
  std::vector<metric_info> metrics;
};

job_info read_job_info(const boost::json::value& from);
reading_info read_reading_info(const boost::json::value& from);

// True for promoted_to_stable, rolled_back and failed.
bool has_ended(const job_info& job);

// True if the platform has to be shown, because it is not job::default_platform.
bool is_elsewhere(const job_info& job);
// The exit code of a wait for this job. Requires that it has ended.
exit_code outcome_of(const job_info& job);

// How a value within the limit compares with it: "≤" or "≥". Empty if the daemon does not tell.
std::string_view limit_sign(const metric_info& metric);

// The command that the canary waits for. Empty if it waits for none, or has been given it already.
std::string what_to_do(const job_info& job);

// How many steps are over. If the last hold was passed, all are. A step whose share was never set
// is not over.
std::size_t steps_done(const job_info& job);

// The verdict, in brackets if it has no effect: "(breach)".
std::string verdict_text(const metric_info& metric);

// The evidence in one of these forms:
//   "for 3.1/40"     how much evidence there is for the canary, and how much proves it
//   "against 12/40"  how much there is against it, and how much rolls it back, if that is more
//   "proven"         the metric passes and is proven to be within its limit
//   "-"              no evidence is gathered
std::string evidence_text(const metric_info& metric);

// Writes a value for people: a whole number from 1000 to a million, otherwise with at most 4
// significant digits. "-" if there is none.
std::string value_text(std::optional<double> value);

// Writes a number of conversations with all its digits. "-" if there is none.
std::string count_text(std::optional<double> count);

// Value and limit: "0.012/0.05", in brackets if the verdict has no effect.
std::string values_text(const metric_info& metric);

// The reading on one line: "pass error_rate=0.012/0.05 … conversations=1200
// evidence=error_rate:for 3.1/40". The evidence is there if there is any, and so is ": " with the
// problem. The verdict comes first, because a terminal may have no room for the rest.
std::string describe(const reading_info& reading);

}  // namespace canaryd::cli
