// Runs haproxy(1), which scripts/install-deps test installs.
#pragma once

#include <string>
#include <sys/types.h>

namespace canaryd::platform {

// A running HAProxy, which is killed at the end.
class haproxy_process {
 public:
  haproxy_process(const std::string& config_file, const std::string& log_file);
  ~haproxy_process();
  haproxy_process(const haproxy_process&) = delete;
  haproxy_process& operator=(const haproxy_process&) = delete;

  void signal(int number) const;

 private:
  pid_t pid_ = -1;
};

// The exit code of `haproxy -c`, which reads a configuration and starts nothing. What it says is in
// the log file.
int check_config(const std::string& config_file, const std::string& log_file);

}  // namespace canaryd::platform
