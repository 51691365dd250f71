// Reads the metrics of one arm from the sources that are configured for them (reference: "Where
// metrics come from").
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/judge/metrics.hpp"

#include <string>
#include <vector>

namespace canaryd::metrics {

// What a source may be told of the arm that it is asked about. A text that is not known is empty.
struct arm_query {
  std::string bot_id;
  std::string environment_id;
  std::string version;
  std::string deployment_id;
  // "canary" or "stable".
  std::string arm;
  std::string endpoint_token;
  std::string snapshot_id;
  // Further metrics to read, besides the built-in ones.
  std::vector<std::string> further;
  // The window.
  wall_time from;
  wall_time to;
  // How long all attempts together may take.
  duration time;
};

class arm_reader {
 public:
  virtual ~arm_reader() = default;
  virtual async::task<result<judge::metrics_sample>> read(arm_query asked) = 0;
};

}  // namespace canaryd::metrics
