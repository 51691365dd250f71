// Queues lines of the log until they are written, within bounds (reference: "Log lines"). It has no
// thread and does no I/O.
#pragma once

#include "canaryd/base/note.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::daemon {

// One event: its line as people read it, and the fields for the journal.
struct log_line {
  severity level = severity::info;
  topic about = topic::reading;
  std::chrono::system_clock::time_point at;
  std::string text;
  // The key and value of each pair.
  std::vector<std::pair<std::string, std::string>> fields;
};

struct log_bounds {
  std::size_t lines = 10'000;
  // The limit for all lines together, including the memory for keeping them.
  std::size_t bytes = 8UZ * 1024 * 1024;
};

class log_queue {
 public:
  explicit log_queue(log_bounds bounds = {}) : bounds_{bounds} {}

  // If there is no room, drops the oldest of the least severe lines, which may be this one. A line
  // larger than the whole queue is dropped alone.
  void add(log_line line);

  // Takes out the oldest line, if there is one.
  std::optional<log_line> take();

  bool is_empty() const { return lines_ == 0; }
  std::size_t lines() const { return lines_; }
  std::size_t bytes() const { return bytes_; }
  // The number of lines lost since the beginning.
  std::uint64_t lost() const { return lost_; }

 private:
  struct entry {
    std::uint64_t number = 0;
    log_line line;
  };
  using entry_list = std::deque<entry>;
  static constexpr std::size_t levels = static_cast<std::size_t>(severity::critical) + 1;

  log_line remove_first(entry_list& from);

  log_bounds bounds_;
  // The lines by severity, the oldest first in each list.
  std::array<entry_list, levels> entries_;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace canaryd::daemon
