#include "canaryd/store/memory_store.hpp"

#include <algorithm>

namespace canaryd::store {

async::task<core::result<std::vector<job_record>>> memory_store::unfinished_jobs() {
  std::vector<job_record> unfinished;
  for (const auto& [id, job] : jobs_) {
    if (!core::is_final(job.canary.state))
      unfinished.push_back(job);
  }
  std::ranges::sort(unfinished, {}, &job_record::arrival);
  co_return unfinished;
}

async::task<core::result<name_history>> memory_store::history_of(std::string stem) {
  name_history history;
  const auto found = jobs_of_stem_.find(stem);
  if (found == jobs_of_stem_.end())
    co_return history;
  history.runs = static_cast<std::int32_t>(found->second.size());
  for (const auto& id : found->second) {
    const auto& job = jobs_.at(id);
    if (!core::is_final(job.canary.state))
      history.unfinished.emplace(id, job.source);
    else if (job.canary.state == core::canary_state::promoted_to_stable)
      history.promoted_digests.push_back(job.digest);
  }
  co_return history;
}

async::task<core::result<std::vector<std::string>>> memory_store::owned_by_others(
    std::string job_id, std::vector<std::string> deployment_ids) {
  std::erase_if(deployment_ids, [&](const std::string& id) {
    const auto owner = job_of_deployment_.find(id);
    return owner == job_of_deployment_.end() || owner->second == job_id;
  });
  co_return deployment_ids;
}

async::task<core::result<void>> memory_store::add(job_record accepted) {
  accepted.arrival = static_cast<std::int64_t>(jobs_.size()) + 1;
  const auto id = accepted.canary.job_id;
  jobs_of_stem_[accepted.stem].push_back(id);
  jobs_.insert_or_assign(id, std::move(accepted));
  co_return core::result<void>{};
}

async::task<core::result<void>> memory_store::commit(transition made) {
  const auto id = made.canary.job_id;
  auto& stored = jobs_.at(id).canary;
  if (made.canary.deployment_id != stored.deployment_id)
    job_of_deployment_.insert_or_assign(made.canary.deployment_id, id);
  for (const auto& surplus : made.canary.surplus_deployments)
    job_of_deployment_.insert_or_assign(surplus, id);
  stored = std::move(made.canary);
  for (auto& record : made.records) {
    auto& queue = records_of_job_[id];
    if (queue.records.empty()) {
      queue.place = ++last_place_;
      queue_.emplace(queue.place, id);
    }
    queue.records.push_back(std::move(record));
    ++undelivered_;
  }
  co_return core::result<void>{};
}

async::task<core::result<std::vector<queued_record>>> memory_store::due_records(
    std::size_t limit, std::vector<std::string> busy) {
  std::vector<queued_record> due;
  for (const auto& [place, id] : queue_) {
    if (due.size() == limit)
      break;
    if (std::ranges::find(busy, id) == busy.end())
      due.push_back({records_of_job_.at(id).records.front(), jobs_.at(id).base_url});
  }
  co_return due;
}

async::task<core::result<void>> memory_store::settle_record(std::string record_id,
                                                            std::optional<std::string> refusal) {
  for (auto found = queue_.begin(); found != queue_.end(); ++found) {
    auto& queue = records_of_job_.at(found->second);
    if (queue.records.front().record_id != record_id)
      continue;
    if (refusal)
      refused_.push_back({std::move(queue.records.front()), std::move(*refusal)});
    queue.records.pop_front();
    --undelivered_;
    const auto id = found->second;
    queue_.erase(found);
    if (queue.records.empty()) {
      records_of_job_.erase(id);
    } else {
      queue.place = ++last_place_;
      queue_.emplace(queue.place, id);
    }
    break;
  }
  co_return core::result<void>{};
}

}  // namespace canaryd::store
