// Records what a simulation sees of every job, independently of the daemon and of what it stores,
// and checks the rules at once: every canary is looked at in time, a reading supports every
// decision to promote, and every breach leads to a rollback.
#pragma once

#include "canaryd/net/message.hpp"
#include "canaryd/store/store.hpp"

#include "evidence_book.hpp"
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::simulation {

class ledger {
 public:
  struct entry {
    std::string job_id;
    job::job spec;
    // The state of the canary on disk.
    canary::canary_state state = canary::canary_state::queued;
    // Consecutive breaches at one share of the traffic, counted here.
    std::int32_t breaches = 0;
    std::int32_t step = 0;
    evidence_book gathered;
    std::int64_t readings = 0;
    // True if readings on disk require a rollback: it may not be promoted any more.
    bool must_roll_back = false;
    std::optional<instant> ended_at;
    // When it was last looked at, in the daemon's running time. Empty if it is not watched.
    std::optional<duration> looked_at;
  };

  // A request was sent.
  void sent(const net::request& message);
  // A request was answered after `took`. No canary can be looked at more often than that.
  void answered(duration took) { longest_answer_ = std::max(longest_answer_, took); }
  // A job is on disk.
  void accepted(const store::job_record& job);
  // A step has been made that is not on disk yet.
  void decided(const store::transition& made);
  // The step is on disk.
  void committed(const store::transition& made);

  // The daemon has started again with these jobs.
  void restarted(const store::unfinished& found, instant now);
  void went_down(instant now);
  // The machine slept for `time` and has just woken up.
  void suspended(duration time) { ran_before_ -= time; }

  // From now on, polls may be late by any time (a rate budget that is too small), or by at most
  // `most` (a failing disk).
  void excuse_lateness() { lateness_counts_ = false; }
  void allow_lateness(duration most) { slack_ = most; }

  // From now on, nobody can tell what the windows contain.
  void excuse_evidence() { evidence_counts_ = false; }

  // Adds a problem that the ledger cannot see itself.
  void note_problem(std::string what) { problems_.push_back(std::move(what)); }

  const std::map<std::string, entry>& jobs() const { return jobs_; }
  // The rules that were broken, each with the job and the time.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  duration running_time(instant now) const;
  void look(entry& at);
  void stop_watching(entry& at);
  void count(entry& at, const judge::reading& taken);
  void complain(const entry& about, std::string what);

  std::map<std::string, entry> jobs_;
  // The watched job of each bot.
  std::map<std::string, std::string, std::less<>> watched_;
  std::vector<std::string> problems_;
  bool lateness_counts_ = true;
  bool evidence_counts_ = true;
  duration slack_ = std::chrono::seconds{1};
  duration longest_answer_{};
  // Both are in running time.
  duration knows_answers_at_{};
  duration ran_before_{};
  std::optional<instant> up_since_;
};

}  // namespace canaryd::simulation
