// The gate between a simulated daemon and the world. It closes when the daemon crashes, so that its
// coroutines no longer affect the world. The daemon may crash at each passage.
#pragma once

#include "canaryd/net/transport.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace canaryd::simulation {

class ledger;

class gate {
 public:
  // Counts a point, and closes if it is the one to crash at. Throws operation_aborted if the gate
  // is closed, which ends a coroutine of a dead daemon.
  void pass();
  // The same between two turns of the loop. Returns false if the gate is closed.
  bool turn();

  void open() { is_open_ = true; }
  void close() { is_open_ = false; }
  bool is_open() const { return is_open_; }

  // The number of points passed since the beginning.
  std::uint64_t points() const { return points_; }
  void close_at(std::uint64_t point) { closes_at_ = point; }

 private:
  bool is_open_ = true;
  std::uint64_t points_ = 0;
  std::optional<std::uint64_t> closes_at_;
};

class gated_transport final : public net::transport {
 public:
  gated_transport(gate& way, ledger& observer, net::transport& inner)
      : way_{way}, ledger_{observer}, inner_{inner} {}

  async::task<result<net::response>> send(net::request message) override;

 private:
  gate& way_;
  ledger& ledger_;
  net::transport& inner_;
};

class gated_store final : public store::store {
 public:
  gated_store(gate& way, ledger& observer, store& inner)
      : way_{way}, ledger_{observer}, inner_{inner} {}

  async::task<result<canaryd::store::unfinished>> unfinished_jobs() override;
  async::task<result<std::vector<canaryd::store::job_record>>> ended_before_this_boot() override;
  async::task<result<std::optional<canaryd::store::job_record>>> find(std::string job_id) override;
  async::task<result<std::vector<judge::reading>>> readings_of(std::string job_id,
                                                               std::size_t limit) override;
  async::task<result<canaryd::store::name_history>> history_of(std::string stem) override;
  async::task<result<std::vector<std::string>>> owned_by_others(
      std::string platform, std::string job_id, std::vector<std::string> deployment_ids) override;
  async::task<result<void>> add(canaryd::store::job_record accepted) override;
  async::task<result<void>> commit(canaryd::store::transition made) override;
  async::task<result<std::vector<canaryd::store::delivery>>> due_deliveries(
      canaryd::store::due_question asked) override;
  async::task<result<std::vector<std::string>>> waiting_destinations() override;
  async::task<result<void>> settle_delivery(std::int64_t sequence,
                                            std::optional<std::string> refusal) override;
  async::task<result<void>> postpone_delivery(std::int64_t sequence, wall_time next_at) override;
  async::task<result<std::size_t>> prune(wall_time older_than) override;
  std::size_t undelivered() const override { return inner_.undelivered(); }

 private:
  template <class T>
  async::task<T> through(async::task<T> work);

  gate& way_;
  ledger& ledger_;
  store& inner_;
};

}  // namespace canaryd::simulation
