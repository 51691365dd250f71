// Lines of the log on their way to whoever reads it, within bounds (reference: "Log lines"). No
// thread and no I/O.
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

// One event: its line as people read it, and what the journal takes beside it.
struct log_line {
  severity level = severity::info;
  topic about = topic::reading;
  std::chrono::system_clock::time_point at;
  std::string text;
  // Key and value of each pair.
  std::vector<std::pair<std::string, std::string>> fields;
};

struct log_bounds {
  std::size_t lines = 10'000;
  // Of all lines together, with what it takes to keep them.
  std::size_t bytes = 8UZ * 1024 * 1024;
};

class log_queue {
 public:
  explicit log_queue(log_bounds bounds = {}) : bounds_{bounds} {}

  // Where there is no room, the oldest of the least severe lines are lost, this one included. A
  // line that is larger than all of the room is lost and takes no other with it.
  void add(log_line line);

  // The oldest line; nothing where there is none.
  std::optional<log_line> take();

  bool is_empty() const { return lines_ == 0; }
  std::size_t lines() const { return lines_; }
  std::size_t bytes() const { return bytes_; }
  // How many lines were lost since the beginning.
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
  // By severity, the oldest first in each.
  std::array<entry_list, levels> entries_;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace canaryd::daemon
