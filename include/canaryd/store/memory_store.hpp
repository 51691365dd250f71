// A store that lasts as long as the process. Jobs that a restart forgets are rolled back by
// daemon/abandoned.hpp, from the files in active/.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "canaryd/store/store.hpp"

namespace canaryd::store {

class memory_store : public store {
 public:
  async::task<core::result<std::vector<job_record>>> unfinished_jobs() override;
  async::task<core::result<name_history>> history_of(std::string stem) override;
  async::task<core::result<std::vector<std::string>>> owned_by_others(
      std::string job_id, std::vector<std::string> deployment_ids) override;
  async::task<core::result<void>> add(job_record accepted) override;
  async::task<core::result<void>> commit(transition made) override;
  async::task<core::result<std::vector<queued_record>>> due_records(
      std::size_t limit, std::vector<std::string> busy) override;
  async::task<core::result<void>> settle_record(std::string record_id,
                                                std::optional<std::string> refusal) override;
  std::size_t undelivered() const override { return undelivered_; }

 private:
  struct refused_record {
    core::audit_record record;
    std::string refusal;
  };

  std::unordered_map<std::string, job_record> jobs_;
  std::unordered_map<std::string, std::vector<std::string>> jobs_of_stem_;
  std::unordered_map<std::string, std::string> job_of_deployment_;
  // Undelivered records by job; jobs in the order in which their oldest record was made.
  std::map<std::uint64_t, std::string> queue_;
  struct job_queue {
    std::uint64_t place = 0;
    std::deque<core::audit_record> records;
  };
  std::unordered_map<std::string, job_queue> records_of_job_;
  std::vector<refused_record> refused_;
  std::uint64_t last_place_ = 0;
  std::size_t undelivered_ = 0;
};

}  // namespace canaryd::store
