// The audit file as a destination of deliveries (reference: "Audit file").
#pragma once

#include "canaryd/daemon/chained_file.hpp"
#include "canaryd/delivery/sink.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace canaryd::daemon {

// Where the audit file is written.
enum class file_work : std::uint8_t {
  // On a thread of its own, so that a slow disk never holds up the loop.
  on_thread,
  // On the loop, for the simulation.
  on_loop,
};

// The sink of delivery::audit_file_destination. What waits is written together and synced once.
class audit_file final : public delivery::sink {
 public:
  // `last_line`: see chained_file. The files are not touched before there is a record.
  audit_file(async::executor ex, std::filesystem::path file, std::filesystem::path last_line,
             file_work where);
  // Writes what waits; the tasks that wait for it resume afterwards, on the loop.
  ~audit_file() override;
  audit_file(const audit_file&) = delete;
  audit_file& operator=(const audit_file&) = delete;

  // Records that are delivered from now on go to that file.
  void move_to(std::filesystem::path file);

  result<void> check(const store::delivery& what) const override;
  async::task<result<void>> deliver(store::delivery what) override;

 private:
  class writer;

  async::executor executor_;
  std::unique_ptr<writer> writer_;
};

}  // namespace canaryd::daemon
