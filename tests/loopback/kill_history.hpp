// The daemon killed at random instants: a few hundred jobs against a faulty API, a SIGKILL and a
// new start again and again, until every job has a result.
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
  // Of no other job.
  std::string version;
  bool is_bad = false;
};

class kill_history {
 public:
  // One seed gives the same jobs, faults and times between kills.
  explicit kill_history(std::uint64_t seed);

  // Plays it; then the daemon has delivered every record and has been stopped. False, with
  // problem(), where it does not come to an end.
  bool play();
  const std::string& problem() const { return problem_; }

  const installation& here() const { return here_; }
  const std::vector<dropped_job>& jobs() const { return jobs_; }
  int kills() const { return kills_; }
  // What the API saw, as of play()'s end.
  const boost::json::object& api() const { return api_; }
  // The job's result file; empty where there is none.
  boost::json::object result_of(const dropped_job& job) const;
  // The daemon's log lines about it.
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
