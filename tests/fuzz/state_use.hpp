// Uses a state as the daemon does after its start, whatever is in it.
#pragma once

#include "canaryd/delivery/audit_payload.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"

#include "require.hpp"
#include "support/virtual_time.hpp"
#include <cstdint>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <utility>

namespace canaryd::fuzz {

// A folder in memory, one for the whole process, empty before each input.
class state_folder {
 public:
  state_folder() {
    std::string pattern = "/dev/shm/canaryd-fuzz-XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "there is a folder in memory");
    path_ = pattern;
  }
  ~state_folder() { std::filesystem::remove_all(path_); }
  state_folder(const state_folder&) = delete;
  state_folder& operator=(const state_folder&) = delete;

  std::filesystem::path file() const { return path_ / "state.db"; }
  void clear() const {
    for (const auto& each : std::filesystem::directory_iterator{path_})
      std::filesystem::remove_all(each.path());
  }

 private:
  std::filesystem::path path_;
};

// The daemon's first step after a start, and what it is told next.
inline store::transition resume(const store::job_record& job) {
  const canary::context now{.now = async::clock::now(), .wall = async::clock::wall_now()};
  auto resumed = canary::advance(job.spec, job.canary, canary::resumed{}, now);
  auto polled = canary::advance(
      job.spec, resumed.next,
      canary::poll_answered{judge::sourced_sample{.sample = {0.5, 1.0, 9000.0, 1000}}, {}}, now);
  resumed.records.insert(resumed.records.end(), polled.records.begin(), polled.records.end());
  store::transition made{.canary = polled.next, .deliveries = {}, .readings = {}};
  for (const auto& record : resumed.records)
    made.deliveries.push_back(delivery::make_audit_delivery(
        delivery::audit_destination(job.spec.platform), {record, job.base_url}));
  if (polled.next.newest)
    made.readings.push_back({canary::total(polled.next.readings), *polled.next.newest});
  return made;
}

inline async::task<> use(store::sqlite_store& state) {
  const auto jobs = co_await state.unfinished_jobs();
  if (jobs) {
    for (const auto& job : jobs->jobs) {
      co_await state.history_of(job.stem);
      co_await state.find(job.canary.job_id);
      co_await state.owned_by_others("default", job.canary.job_id,
                                     {job.canary.deployment_id, "dep-1"});
      co_await state.commit(resume(job));
    }
  }
  store::due_question asked{.destination = "audit:api", .limit = 10};
  const auto due = co_await state.due_deliveries(std::move(asked));
  if (due) {
    for (const auto& each : *due) {
      // One that cannot be read is passed over.
      if (delivery::read_audit_delivery(each))
        co_await state.settle_delivery(each.sequence, std::nullopt);
      else
        co_await state.postpone_delivery(each.sequence, async::clock::wall_now());
    }
  }
  co_await state.prune(async::clock::wall_now());
}

// Opens the state and uses it; then what it has become, once more.
inline void open_and_use(const std::filesystem::path& file) {
  support::virtual_time time;
  store::sqlite_options options;
  options.inline_writer = true;
  options.waits_for_disk = false;
  options.time = {[] { return std::string{"boot-1"}; }, async::clock::now, async::clock::wall_now};
  for (int round = 0; round < 2; ++round) {
    auto opened = store::open_sqlite_store(time.executor(), file, options);
    if (!opened)
      return require(!opened.error().text.empty(), "a state that cannot be opened has a reason");
    time.await(use(**opened));
  }
}

}  // namespace canaryd::fuzz
