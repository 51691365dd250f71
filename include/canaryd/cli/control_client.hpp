// Asks the daemon over its control socket (reference: "Control API").
#pragma once

#include "canaryd/base/error.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace canaryd::cli {

struct daemon_answer {
  int status = 0;
  boost::json::value body;
};

// True for 2xx.
bool is_fine(const daemon_answer& answer);

class control_client {
 public:
  // The default is long enough for a job file to be settled.
  explicit control_client(std::string socket_path,
                          std::chrono::milliseconds time_limit = std::chrono::seconds{30})
      : path_{std::move(socket_path)}, time_limit_{time_limit} {}

  // fault::unreachable: no daemon, or no access to it; fault::lost: no answer within the time
  // limit; fault::malformed: not JSON, over 256 MiB.
  result<daemon_answer> get(std::string_view target) const;
  result<daemon_answer> post(std::string_view target, std::string_view json) const;

  const std::string& socket_path() const { return path_; }

 private:
  result<daemon_answer> ask(std::string_view method, std::string_view target,
                            std::string_view body) const;

  std::string path_;
  std::chrono::milliseconds time_limit_;
};

// "/v1/jobs/{id}" and what follows, with the id as a URL writes it.
std::string job_target(std::string_view job_id, std::string_view rest = "");

// One part of a URL: everything but letters, digits and -._~ as %XX.
std::string url_part(std::string_view text);

// What the daemon says of a request that it did not do: its "detail", with the state where it has
// one, else the status.
std::string complaint(const daemon_answer& answer);

}  // namespace canaryd::cli
