// Makes signals something to wait for with poll(2), so that none interrupts the writing of a line.
#pragma once

#include <optional>

namespace canaryd::cli {

// Receives SIGINT, SIGTERM, SIGHUP and SIGWINCH, which then do not end the program. Requires a
// program of one thread.
class signal_inbox {
 public:
  signal_inbox();
  ~signal_inbox();
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;

  int descriptor() const { return fd_; }
  // Returns the number of a signal that has come, or nothing if none has.
  std::optional<int> next() const;

 private:
  int fd_;
};

}  // namespace canaryd::cli
