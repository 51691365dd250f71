// What the splitter counted within a window: the difference of two readings of its counters. Pure.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/platform/splitter.hpp"

#include "measurement.hpp"
#include <cstdint>
#include <optional>
#include <vector>

namespace canaryd::metrics {

struct counted_requests {
  std::uint64_t requests = 0;
  std::uint64_t answers_5xx = 0;

  bool operator==(const counted_requests&) const = default;
};

// Nothing if the splitter was started anew in between, or if a counter has shrunk.
std::optional<counted_requests> counted_between(const platform::backend_counters& begin,
                                                const platform::backend_counters& end);

// The share of 5xx among the answers. Nothing without requests. An answer may be counted after its
// request was, in the next window, so the share is 1 at most.
measured error_rate_of(const std::optional<counted_requests>& counted);

// The readings of one backend's counters, from which those at the ends of a window are taken.
class counter_history {
 public:
  // Requires that time does not go back.
  void add(instant at, platform::backend_counters counters);

  // From the first reading at or after `from` to the newest. It lacks what was counted before that
  // first reading, but has nothing from before the window. Nothing if there is only one reading.
  // A window with a restart in it has no data; afterwards the readings from before it are gone.
  std::optional<counted_requests> counted_since(instant from);

 private:
  struct reading_at {
    instant at;
    platform::backend_counters counters;
  };

  std::vector<reading_at> readings_;
};

}  // namespace canaryd::metrics
