// Signals as something to wait for with poll(2), so that nothing happens in the middle of a line.
#pragma once

#include <optional>

namespace canaryd::cli {

// SIGINT, SIGTERM, SIGHUP and SIGWINCH come here and no longer end the program. Requires a program
// of one thread.
class signal_inbox {
 public:
  signal_inbox();
  ~signal_inbox();
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;

  int descriptor() const { return fd_; }
  // The number of one that has come; nothing where none has.
  std::optional<int> next() const;

 private:
  int fd_;
};

}  // namespace canaryd::cli
