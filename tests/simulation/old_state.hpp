// The state that a former version of this program left, with jobs in every state, and the API as it
// was then. tests/simulation/old_state/README.md says what is there and how it was made.
#pragma once

#include "machine.hpp"
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace canaryd::simulation {

// A job, read from the columns of its row.
struct old_job {
  std::string state;
  // Empty if it has not ended.
  std::string reason;
  bool has_ended = false;
};

class old_state {
 public:
  explicit old_state(std::filesystem::path folder) : folder_{std::move(folder)} {}

  // The statements that make the database.
  std::string sql() const;
  // Sends the former daemon's calls to the machine's API, each at its time in the past, and puts
  // the state where the daemon will find it. Requires that nothing was started.
  void bring_about(machine& here);
  const std::map<std::string, old_job>& jobs() const { return jobs_; }

 private:
  void play_calls(machine& here) const;
  void tell_records(machine& here) const;
  void note_jobs(const std::filesystem::path& state_db);

  std::filesystem::path folder_;
  std::map<std::string, old_job> jobs_;
};

}  // namespace canaryd::simulation
