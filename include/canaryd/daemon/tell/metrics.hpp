// The daemon's own metrics for Prometheus (reference: "Prometheus metrics"; docs/metrics.md
// explains each name). Durations are in seconds. Recording costs a few counters, because series are
// looked up only once.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/job_series.hpp"
#include "canaryd/judge/reading.hpp"
#include "canaryd/platform/calls.hpp"
#include "canaryd/platform/token/token_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::daemon {

// The values that are collected only when somebody asks.
struct metrics_snapshot {
  // The number of jobs in each canary::canary_state, from supervisor::counts().
  std::span<const std::size_t> jobs_by_state;
  // The number of jobs whose stored state cannot be read.
  std::size_t unreadable_jobs = 0;
  // The number of audit records that wait to be delivered.
  std::size_t outbox_records = 0;
  // The number of log lines that were lost since the start.
  std::uint64_t log_lines_dropped = 0;
  // By platform.
  std::map<std::string, platform::token_source::totals> tokens = {};
  // True if the configuration file, as it was last read, is in force.
  bool config_is_in_force = true;
  wall_time config_accepted_at{};
};

// The measurements of one platform. Their series have a label with the platform's name, except
// those of the platform of `api`.
class platform_series {
 public:
  // A request was answered, or failed (status 0), `took` after it was sent.
  void note_call(platform::call which, int status, duration took);
  // The rate budget kept a request waiting this long for a permit.
  void note_wait(duration waited) { wait_->Observe(std::chrono::duration<double>{waited}.count()); }

 private:
  friend class metrics;
  using counter_family = prometheus::Family<prometheus::Counter>;
  // The series of one call: its requests by status, of which only few occur, and how long they
  // took.
  struct call_series {
    std::vector<std::pair<int, prometheus::Counter*>> by_status;
    prometheus::Histogram* took = nullptr;
  };

  prometheus::Counter& requests_of(platform::call which, int status);

  prometheus::Labels labels_;
  counter_family* requests_ = nullptr;
  std::array<call_series, platform::call_count> calls_;
  prometheus::Histogram* wait_ = nullptr;
};

class metrics {
 public:
  // At most `max_job_series` jobs have series with the label `job`.
  explicit metrics(std::size_t max_job_series);
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  // Returns the series of a platform, and makes them at the first call. The reference stays valid.
  platform_series& of(const std::string& platform);

  // The first request of a poll went out `late` after the poll was due.
  void note_poll_sent(duration late) { observe(poll_lateness_, late); }
  // The first request of a rollback went out `after` the decision.
  void note_rollback_sent(duration after) { observe(rollback_dispatch_, after); }
  // A timer on the loop ran `lag` after it was due.
  void note_loop_lag(duration lag) { observe(loop_lag_, lag); }
  void note_reading(judge::verdict outcome) {
    readings_[static_cast<std::size_t>(outcome)]->Increment();
  }
  void note_end(canary::canary_state status, canary::reason why);

  // The series of the jobs' readings, and the limit on their number.
  job_series_table& jobs() { return jobs_; }

  // Writes everything in Prometheus' text format, version 0.0.4.
  std::string text(const metrics_snapshot& present);

 private:
  static constexpr std::size_t verdict_count = 4;
  using counter_family = prometheus::Family<prometheus::Counter>;
  using gauge_family = prometheus::Family<prometheus::Gauge>;
  using histogram_family = prometheus::Family<prometheus::Histogram>;

  static void observe(prometheus::Histogram& into, duration what) {
    into.Observe(std::chrono::duration<double>{what}.count());
  }

  prometheus::Registry registry_;
  gauge_family& jobs_by_state_;
  counter_family& outcomes_;
  std::array<prometheus::Counter*, verdict_count> readings_{};
  job_series_table jobs_;
  counter_family& requests_;
  histogram_family& request_seconds_;
  counter_family& token_refreshes_;
  histogram_family& rate_limit_wait_;
  std::map<std::string, platform_series> platforms_;
  prometheus::Histogram& poll_lateness_;
  prometheus::Histogram& rollback_dispatch_;
  prometheus::Gauge& outbox_records_;
  prometheus::Gauge& config_in_force_;
  prometheus::Gauge& config_accepted_at_;
  prometheus::Counter& log_lines_dropped_;
  prometheus::Histogram& loop_lag_;
};

}  // namespace canaryd::daemon
