// Knows whether the configuration file, as it was last read, is in force (reference: "Reloading").
// A refusal is remembered until a file is accepted.
#pragma once

#include "canaryd/base/time.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace canaryd::daemon {

class config_health {
 public:
  // The present configuration was accepted at `at`.
  explicit config_health(wall_time at) : accepted_at_{at} {}

  void accepted(wall_time at, std::vector<std::string> needs_restart = {}) {
    *this = config_health{at};
    needs_restart_ = std::move(needs_restart);
  }
  // `why` has a line for each problem. What is in force stays in force.
  void refused(std::vector<std::string> why) { problems_ = std::move(why); }

  bool is_refused() const { return !problems_.empty(); }
  wall_time accepted_at() const { return accepted_at_; }

  // Says that the file is refused, and why. Empty if it is in force.
  std::string text() const;
  // {"accepted_at":…,"problems":[…],"needs_restart":[…]}
  boost::json::object view() const;

 private:
  wall_time accepted_at_;
  std::vector<std::string> problems_;
  std::vector<std::string> needs_restart_;
};

}  // namespace canaryd::daemon
