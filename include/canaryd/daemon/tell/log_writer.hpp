// Takes the lines of the log to whoever reads them, on a thread of its own: a reader who does not
// read holds nobody up (reference: "Log lines").
#pragma once

#include "canaryd/daemon/tell/log_queue.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace canaryd::daemon {

class log_writer {
 public:
  // Writes one line, for as long as that takes. It must not throw.
  using output = std::function<void(const log_line& line)>;

  explicit log_writer(output write, log_bounds bounds = {});
  // Leaves a thread that is still held up by its reader to the end of the process.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  // Never waits for the reader. Where lines were lost, a warning in front of the next line that is
  // written says how many.
  void add(log_line line);

  // Writes to another place from the next line on. No line is lost by it.
  void write_to(output write);

  // Waits until everything is written, but no longer than `limit`, and says whether it is. Nothing
  // is written after that.
  bool finish(std::chrono::milliseconds limit);

  std::uint64_t lost() const;

 private:
  struct shared;
  // The thread has its own share of it, and may outlive this.
  std::shared_ptr<shared> shared_;
};

}  // namespace canaryd::daemon
