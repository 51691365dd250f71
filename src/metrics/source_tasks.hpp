// One look at a source of each kind. Every task puts what it finds out, or why it could not, into
// the `found` of each metric that it was given, and never fails itself. References must outlive the
// task.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/metrics/source_reader.hpp"

#include "counter_history.hpp"
#include "measurement.hpp"
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace canaryd::metrics {

using finding = result<std::optional<measurement>>;

struct wanted_metric {
  const sourced_metric* metric = nullptr;
  finding found = std::nullopt;
};
using wanted_metrics = std::vector<wanted_metric*>;

// What a look needs besides the metrics.
struct source_look {
  const std::string& name;
  const arm_query& asked;
  const std::function<double()>& random;
};

// A single metric of a Prometheus: the kind that needs a request for each.
async::task<> read_prometheus(const prometheus_source& from, source_look look,
                              wanted_metric& wanted);
// One request for all metrics.
async::task<> read_json(const json_source& from, source_look look, wanted_metrics wanted);
// Only the collections that the metrics need.
async::task<> read_odata(const odata_source& from, source_look look, wanted_metrics wanted);
// `histories` are those of the source's backends, by name.
async::task<> read_splitter(const splitter_source& from, source_look look, wanted_metrics wanted,
                            std::map<std::string, counter_history>& histories);

// Puts the same error into each.
void fail_all(const wanted_metrics& wanted, const error& problem);

}  // namespace canaryd::metrics
