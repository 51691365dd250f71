// canaryctl as a process with its output in pipes.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace canaryd::cli {

struct finished_run {
  // 128 + n where signal n ended it.
  int exit_code = -1;
  std::string out;
  std::string err;
};

class canaryctl_run {
 public:
  // With its output in pipes.
  explicit canaryctl_run(const std::vector<std::string>& arguments);
  // Ends it where it still runs.
  ~canaryctl_run();
  canaryctl_run(const canaryctl_run&) = delete;
  canaryctl_run& operator=(const canaryctl_run&) = delete;

  // Reads until what came to its standard output has `text` in it; false after ten seconds.
  bool wait_for(const std::string& text);
  void signal(int number) const;
  // Requires that it ends by itself; kills it after twenty seconds.
  finished_run finish();

 private:
  bool read_some();

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  finished_run seen_;
};

finished_run run_canaryctl(const std::vector<std::string>& arguments);

}  // namespace canaryd::cli
