// Kills the daemon at random instants: a few hundred jobs run against a faulty API, and the daemon
// is killed and started again and again until every job has a result.
#pragma once

#include <boost/json.hpp>

#include "processes.hpp"
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace canaryd::loopback {

struct dropped_job {
  std::string name;
  std::string bot;
  // No other job has this version.
  std::string version;
  bool is_bad = false;
};

class kill_history {
 public:
  // The same seed gives the same jobs, faults and times between kills.
  explicit kill_history(std::uint64_t seed);

  // Plays the history until the daemon has delivered every record, and stops the daemon. Returns
  // false, with problem(), if the history does not come to an end.
  bool play();
  const std::string& problem() const { return problem_; }

  const installation& here() const { return here_; }
  const std::vector<dropped_job>& jobs() const { return jobs_; }
  int kills() const { return kills_; }
  // What the API saw until the end of play().
  const boost::json::object& api() const { return api_; }
  // The job's result file; empty if there is none.
  boost::json::object result_of(const dropped_job& job) const;
  // The daemon's log lines about the job.
  std::string log_of(const dropped_job& job) const;

 private:
  using clock = std::chrono::steady_clock;

  int roll(int least, int most);
  std::chrono::milliseconds roll_time(int least_ms, int most_ms);
  void plan_jobs();
  void drop_next();
  void drop_some_until(clock::time_point end);
  bool live_and_die();
  bool is_done() const;
  bool end_in_peace();

  std::mt19937_64 random_;
  scratch_directory scenario_;
  installation here_;
  std::vector<dropped_job> jobs_;
  std::size_t dropped_ = 0;
  int kills_ = 0;
  boost::json::object api_;
  std::string problem_;
};

}  // namespace canaryd::loopback
