// Writes the lines of the log on its own thread, so that a slow reader never holds up the daemon
// (reference: "Log lines").
#pragma once

#include "canaryd/daemon/tell/log_queue.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace canaryd::daemon {

class log_writer {
 public:
  // Writes one line, however long that takes. It must not throw.
  using output = std::function<void(const log_line& line)>;

  explicit log_writer(output write, log_bounds bounds = {});
  // If the thread still waits for the reader, leaves it running until the process ends.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  // Never waits for the reader. If lines were lost, a warning before the next line that is written
  // says how many.
  void add(log_line line);

  // Writes to another place from the next line on. This loses no line.
  void write_to(output write);

  // Waits until everything is written, at most for `limit`. Returns true if it is. Nothing is
  // written afterwards.
  bool finish(std::chrono::milliseconds limit);

  std::uint64_t lost() const;

 private:
  struct shared;
  // The thread shares it and may outlive this object.
  std::shared_ptr<shared> shared_;
};

}  // namespace canaryd::daemon
