// The splitter in front of a bot: it shares the sessions out between the two arms (reference:
// "Platforms"). Each call asks the splitter itself, never the platform's API, and ends in bounded
// time: a splitter that is dead or slow is an error. Errors are those of base/error.hpp.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

#include <cstdint>
#include <string>

namespace canaryd::platform {

// The canary's part of the sessions in hundredths of a percent, 0 to 10,000.
using basis_points = std::int32_t;
inline constexpr basis_points all_sessions = 10'000;

// What one arm's backend has counted since the splitter was started.
struct backend_counters {
  // Another value means that the splitter was started anew, and counts from zero again.
  std::string start;
  std::uint64_t sessions = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers_5xx = 0;
  // Mean times of the newest answers, until the first byte and in whole.
  duration response_time{};
  duration total_time{};
};

class splitter {
 public:
  virtual ~splitter() = default;

  // The share that stands under `key`. `refused`: there is no such key. `malformed`: what stands
  // there is no share.
  virtual async::task<result<basis_points>> read_share(std::string key) = 0;
  // Sets the share and reads it back. `malformed`: the splitter said yes and changed nothing.
  virtual async::task<result<void>> set_share(std::string key, basis_points share) = 0;
  // `refused`: there is no such backend.
  virtual async::task<result<backend_counters>> read_counters(std::string backend) = 0;
};

}  // namespace canaryd::platform
