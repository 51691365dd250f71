// Runs the real programs as processes on this machine: cognigy-sim over TLS on loopback, and
// canaryd.
#pragma once

#include <boost/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace canaryd::loopback {

// A new directory, which is removed at the end with everything in it.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A program of this build that writes its output to a file. It is killed if it still runs at the
// end.
class process {
 public:
  process(std::string program, std::vector<std::string> arguments, std::filesystem::path output);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t id() const { return pid_; }
  void signal(int number) const;
  // Forbids descriptors with that number or a higher one (setrlimit(2)).
  void limit_descriptors(unsigned long count) const;
  // Waits for the end and returns the exit code, or 128 + number after a signal. Returns nothing if
  // the program has not ended within `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit = std::chrono::seconds{30});
  // What the program has written so far.
  std::string output() const;
  // Waits until the output has that text. Returns false if it does not come.
  bool says(const std::string& text) const;

 private:
  std::filesystem::path output_;
  std::size_t output_begin_ = 0;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Polls until the condition is true. Returns false if it is not within half a minute.
bool eventually(const std::function<bool()>& condition);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

// A running cognigy-sim and the configuration of a canaryd that uses it.
class installation {
 public:
  explicit installation(std::vector<std::string> sim_arguments = {});

  // A complete configuration. `api` and `top` replace keys.
  boost::json::object config(const boost::json::object& api = {},
                             const boost::json::object& top = {}) const;
  void configure(const boost::json::object& api = {}, const boost::json::object& top = {});
  std::filesystem::path config_file() const { return directory_.path() / "canaryd.json"; }
  // Starts the daemon with that configuration. Does not wait until it is ready.
  std::unique_ptr<process> start() const;

  void drop(const std::string& name, const std::string& version,
            const boost::json::object& changes = {}) const;
  std::filesystem::path file(const std::string& relative) const {
    return directory_.path() / relative;
  }
  boost::json::object result_of(const std::string& job_id) const;
  // Asks cognigy-sim's console: "GET" "/sim/state", "DELETE" "/sim/faults".
  boost::json::object ask_sim(const std::string& method, const std::string& path) const;
  // The number of audit records in the daemon's state, and of those that wait to be delivered.
  std::size_t stored_records() const;
  std::size_t undelivered_records() const;

 private:
  scratch_directory directory_;
  std::unique_ptr<process> sim_;
  std::string port_;

  std::size_t count_records(const std::string& condition) const;
};

}  // namespace canaryd::loopback
