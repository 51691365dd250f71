// What a simulation sees of every job while it runs, kept apart from the daemon and from what it
// stores, and held against the rules at once: is every canary looked at in time, is every decision
// to promote covered by a reading, does every breach lead to a rollback.
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
    // Of the canary as it is on disk.
    canary::canary_state state = canary::canary_state::queued;
    // Consecutive breaches at one share of the traffic, counted here.
    std::int32_t breaches = 0;
    std::int32_t step = 0;
    evidence_book gathered;
    std::int64_t readings = 0;
    // It breached past its limit, on disk: it may not be promoted any more.
    bool must_roll_back = false;
    std::optional<instant> ended_at;
    // While it is watched: when it was last looked at, in the daemon's running time.
    std::optional<duration> looked_at;
  };

  // A request is on its way.
  void sent(const net::request& message);
  // It was answered, after so long: nobody can be looked at more often than that.
  void answered(duration took) { longest_answer_ = std::max(longest_answer_, took); }
  // A job is on disk.
  void accepted(const store::job_record& job);
  // A step has been made that is not on disk yet.
  void decided(const store::transition& made);
  // It is on disk.
  void committed(const store::transition& made);

  // The daemon has started again, with these jobs.
  void restarted(const store::unfinished& found, instant now);
  void went_down(instant now);
  // The machine slept for that long, and has just woken.
  void suspended(duration time) { ran_before_ -= time; }

  // Polls may be late for reasons of their own from now on (a rate budget that is too small), or by
  // at most that much (a disk that fails).
  void excuse_lateness() { lateness_counts_ = false; }
  void allow_lateness(duration most) { slack_ = most; }

  // There is no saying what the windows contain.
  void excuse_evidence() { evidence_counts_ = false; }

  // Of something that the ledger does not see itself.
  void note_problem(std::string what) { problems_.push_back(std::move(what)); }

  const std::map<std::string, entry>& jobs() const { return jobs_; }
  // Rules that were broken, each with the job and the time.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  duration running_time(instant now) const;
  void look(entry& at);
  void stop_watching(entry& at);
  void count(entry& at, const judge::reading& taken);
  void complain(const entry& about, std::string what);

  std::map<std::string, entry> jobs_;
  // The job of each bot that is watched.
  std::map<std::string, std::string, std::less<>> watched_;
  std::vector<std::string> problems_;
  bool lateness_counts_ = true;
  bool evidence_counts_ = true;
  duration slack_ = std::chrono::seconds{1};
  duration longest_answer_{};
  // In running time.
  duration knows_answers_at_{};
  duration ran_before_{};
  std::optional<instant> up_since_;
};

}  // namespace canaryd::simulation
