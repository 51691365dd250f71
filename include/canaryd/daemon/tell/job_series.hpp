// Shows the newest reading of each job as Prometheus series, which go away with the job:
// `canaryd_reading{job,metric}` and `canaryd_threshold{job,metric}`. The number of jobs that have
// series is limited (reference: "Prometheus metrics").
#pragma once

#include "canaryd/judge/reading.hpp"

#include <cstddef>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <string>
#include <vector>

namespace canaryd::daemon {

// Limits how many jobs have series. Must outlive every job_series.
class job_series_table {
 public:
  // Allows series for at most `max_jobs` jobs. `registry` must outlive this.
  job_series_table(prometheus::Registry& registry, std::size_t max_jobs);

  // Changes the limit. If too many jobs have series, those whose next reading comes first lose
  // theirs.
  void limit(std::size_t max_jobs) { max_jobs_ = max_jobs; }

  std::size_t jobs() const { return jobs_; }

 private:
  friend class job_series;

  prometheus::Family<prometheus::Gauge>& readings_;
  prometheus::Family<prometheus::Gauge>& thresholds_;
  std::size_t max_jobs_;
  std::size_t jobs_ = 0;
};

// One job's series. A job without series gets them at a later reading, once there is room.
class job_series {
 public:
  explicit job_series(job_series_table& table) : table_{&table} {}
  ~job_series() { remove(); }
  job_series(const job_series&) = delete;
  job_series& operator=(const job_series&) = delete;

  // Shows the value and the limit of every metric of the reading. A metric that has no value, or
  // that is missing from the reading (as after a failed poll), is NaN, so that an old value never
  // looks new.
  void show(const std::string& job_id, const judge::reading& newest);

 private:
  struct row {
    std::string metric;
    prometheus::Gauge* value;
    prometheus::Gauge* limit;
  };

  bool has_slot();
  row& row_of(const std::string& job_id, const std::string& metric, std::size_t expected_at);
  void remove();

  job_series_table* table_;
  bool counted_ = false;
  std::vector<row> rows_;
};

}  // namespace canaryd::daemon
