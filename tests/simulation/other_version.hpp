// Another version of the program, as far as it can be seen in the state that it leaves behind. What
// it stores has one key more in each place than this version knows and lacks keys that this one
// has; its bounds were wider. It may also leave a job that this version cannot read at all.
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
  // The jobs that have not ended become as that version leaves them. Requires that the daemon is
  // down.
  void run(const std::filesystem::path& state_db);
  // What it left and is not there any more, a sentence each.
  std::vector<std::string> lost(const std::filesystem::path& state_db) const;

  // Makes a job unreadable: `change` is what the columns `spec` and `canary` are set to, as SQL. By
  // default its canary is in a state that only that version knows.
  void hide(const std::filesystem::path& state_db, const std::string& job_id,
            const std::string& change = "canary = json_set(canary, '$.state', 'hibernating')");
  // The same of one that has not ended; `pick` in [0, 1) says which. False where there is none.
  bool hide_one(const std::filesystem::path& state_db, double pick);
  // It is as it was before. A sentence where somebody has changed its row meanwhile.
  std::optional<std::string> show_job(const std::filesystem::path& state_db);
  // Empty where no job is hidden.
  const std::string& hidden_job() const { return hidden_; }

 private:
  int runs_ = 0;
  // By job: in which run it was last there.
  std::map<std::string, int> left_;
  std::string hidden_;
  std::string readable_spec_;
  std::string readable_canary_;
  // Its whole row while it is hidden.
  std::string row_;
};

}  // namespace canaryd::simulation
