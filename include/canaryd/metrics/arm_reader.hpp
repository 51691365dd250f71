// Reads what the configured sources say of one arm (reference: "Where metrics come from").
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/judge/metrics.hpp"
#include "canaryd/metrics/arm_query.hpp"

namespace canaryd::metrics {

class arm_reader {
 public:
  virtual ~arm_reader() = default;

  // Asks all sources at the same time. A metric of which a source knows nothing is absent. Fails if
  // a source fails, and the error names each source that did.
  virtual async::task<result<judge::metrics_sample>> read(arm_query asked) = 0;
};

}  // namespace canaryd::metrics
