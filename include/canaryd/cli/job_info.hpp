// Jobs and readings as the control socket tells of them (reference: "Control API"), for showing.
// Whatever is missing keeps its default: a view shows what there is.
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
  // Empty where the daemon does not tell.
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
  // From 1; 0 where none has begun.
  std::size_t step = 0;
  // The canary's share, percent.
  std::optional<double> traffic;
  std::optional<wall_time> next_check_at;
  std::optional<duration> hold_remaining;
  // The gate that it waits at is approved, and opens with the next passing reading.
  bool approved = false;
  // Counts by verdict: pass, breach, no_data, provider_error.
  std::vector<std::pair<std::string, std::int64_t>> readings;
  std::vector<std::pair<std::string, std::string>> labels;
};

// What the sequential method has gathered: against the canary, and that it is within its limit. At
// `needed` either is settled.
struct evidence_info {
  double against = 0;
  double within = 0;
  double needed = 0;
};

struct metric_info {
  std::string name;
  std::optional<double> value = std::nullopt;
  std::optional<double> limit = std::nullopt;
  // On which side of the limit it breaches; nothing where the daemon does not tell.
  std::optional<job::worse_side> worse = std::nullopt;
  std::string verdict;
  // Of the stable arm, where the canary is held against it.
  std::optional<double> stable = std::nullopt;
  // The verdict has no effect.
  bool dry_run = false;
  std::optional<evidence_info> evidence = std::nullopt;
};

struct reading_info {
  std::string job_id;
  // As the daemon wrote it.
  std::string at_text;
  std::optional<wall_time> at;
  std::string verdict;
  std::string source;
  std::optional<double> window_s;
  std::optional<double> conversations;
  // Why it is no data or a provider error; empty where that is not told.
  std::string problem;
  std::vector<metric_info> metrics;
};

job_info read_job_info(const boost::json::value& from);
reading_info read_reading_info(const boost::json::value& from);

// True for promoted_to_stable, rolled_back and failed.
bool has_ended(const job_info& job);

// On a platform that has to be named: another one than job::default_platform.
bool is_elsewhere(const job_info& job);
// What a wait for this job comes to. Requires that it has ended.
exit_code outcome_of(const job_info& job);

// How a value within the limit compares with it: "≤" or "≥"; empty where the daemon does not tell.
std::string_view limit_sign(const metric_info& metric);

// The command that the canary waits for; empty where it waits for none, or has been given it.
std::string what_to_do(const job_info& job);

// How many of the steps are behind it: all where the last hold was passed, else none whose share
// was never set.
std::size_t steps_done(const job_info& job);

// In brackets where it has no effect: "(breach)".
std::string verdict_text(const metric_info& metric);

// "for 3.1/40": what speaks for the canary, of what proves it; "against 12/40": what speaks against
// it, of what rolls it back, whichever is more; "proven" where the metric passes and is shown to be
// within its limit; "-" where no evidence is gathered.
std::string evidence_text(const metric_info& metric);

// As people read it: whole numbers from 1000 to a million, else at most 4 significant digits; "-"
// for none.
std::string value_text(std::optional<double> value);

// Conversations, to the last one; "-" for none.
std::string count_text(std::optional<double> count);

// Value and limit: "0.012/0.05", in brackets where the verdict has no effect.
std::string values_text(const metric_info& metric);

// The reading on one line: "pass error_rate=0.012/0.05 … conversations=1200
// evidence=error_rate:for 3.1/40", the evidence where there is any, and ": " and the problem where
// there is one. The verdict comes first, since a terminal may have no room for the rest.
std::string describe(const reading_info& reading);

}  // namespace canaryd::cli
