// Imitates another version of the program by the state that it leaves. Each place has one key more
// than this version knows and lacks keys that this one has, and the bounds are wider. It may also
// leave a job that this version cannot read at all.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::simulation {

class other_version {
 public:
  // Changes the jobs that have not ended as that version would. Requires that the daemon is down.
  void run(const std::filesystem::path& state_db);
  // Returns a sentence for each thing that it left and that is gone.
  std::vector<std::string> lost(const std::filesystem::path& state_db) const;

  // Makes a job unreadable. `change` is SQL that sets the columns `spec` or `canary`. By default
  // the canary gets a state that only that version knows.
  void hide(const std::filesystem::path& state_db, const std::string& job_id,
            const std::string& change = "canary = json_set(canary, '$.state', 'hibernating')");
  // The same for a job that has not ended; `pick` in [0, 1) says which. Returns false if there is
  // none.
  bool hide_one(const std::filesystem::path& state_db, double pick);
  // Restores the hidden job. Returns a sentence if somebody has changed its row meanwhile.
  std::optional<std::string> show_job(const std::filesystem::path& state_db);
  // Empty if no job is hidden.
  const std::string& hidden_job() const { return hidden_; }

 private:
  int runs_ = 0;
  // For each job, the last run in which it was there.
  std::map<std::string, int> left_;
  std::string hidden_;
  std::string readable_spec_;
  std::string readable_canary_;
  // The whole row of the hidden job.
  std::string row_;
};

}  // namespace canaryd::simulation
