#include "canaryd/daemon/tell/job_series.hpp"

#include <algorithm>
#include <limits>

namespace canaryd::daemon {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

}  // namespace

job_series_table::job_series_table(prometheus::Registry& registry, std::size_t max_jobs)
    : readings_{prometheus::BuildGauge()
                    .Name("canaryd_reading")
                    .Help("Value of a metric in the newest reading of an active job, NaN if it "
                          "had none.")
                    .Register(registry)},
      thresholds_{prometheus::BuildGauge()
                      .Name("canaryd_threshold")
                      .Help("Limit that a metric of an active job is judged against.")
                      .Register(registry)},
      max_jobs_{max_jobs} {}

void job_series::show(const std::string& job_id, const judge::reading& newest) {
  if (!has_slot())
    return;
  for (const auto& shown : rows_)
    shown.value->Set(no_value);
  for (std::size_t i = 0; i < newest.metrics.size(); ++i) {
    const auto& metric = newest.metrics[i];
    const auto& shown = row_of(job_id, metric.name, i);
    shown.value->Set(metric.value.value_or(no_value));
    shown.limit->Set(metric.limit);
  }
}

bool job_series::has_slot() {
  if (counted_ && table_->jobs_ > table_->max_jobs_)
    remove();
  if (!counted_ && table_->jobs_ < table_->max_jobs_) {
    counted_ = true;
    ++table_->jobs_;
  }
  return counted_;
}

// The metrics of a job come in the same order each time, so most are where they are expected.
job_series::row& job_series::row_of(const std::string& job_id, const std::string& metric,
                                    std::size_t expected_at) {
  if (expected_at < rows_.size() && rows_[expected_at].metric == metric)
    return rows_[expected_at];
  const auto found = std::ranges::find(rows_, metric, &row::metric);
  if (found != rows_.end())
    return *found;
  const prometheus::Labels labels{{"job", job_id}, {"metric", metric}};
  return rows_.emplace_back(metric, &table_->readings_.Add(labels),
                            &table_->thresholds_.Add(labels));
}

void job_series::remove() {
  if (!counted_)
    return;
  for (const auto& shown : rows_) {
    table_->readings_.Remove(shown.value);
    table_->thresholds_.Remove(shown.limit);
  }
  rows_.clear();
  counted_ = false;
  --table_->jobs_;
}

}  // namespace canaryd::daemon
