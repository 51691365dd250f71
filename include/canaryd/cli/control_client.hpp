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
  // The default is long enough for the daemon to read and store a job file.
  explicit control_client(std::string socket_path,
                          std::chrono::milliseconds time_limit = std::chrono::seconds{30})
      : path_{std::move(socket_path)}, time_limit_{time_limit} {}

  // Both fail as fault::unreachable if there is no daemon or no access to it, as fault::lost if it
  // does not answer within the time limit, and as fault::malformed if the answer is not JSON or is
  // larger than 256 MiB.
  result<daemon_answer> get(std::string_view target) const;
  result<daemon_answer> post(std::string_view target, std::string_view json) const;

  const std::string& socket_path() const { return path_; }

 private:
  result<daemon_answer> ask(std::string_view method, std::string_view target,
                            std::string_view body) const;

  std::string path_;
  std::chrono::milliseconds time_limit_;
};

// Writes "/v1/jobs/{id}" with the id encoded, and adds `rest`.
std::string job_target(std::string_view job_id, std::string_view rest = "");

// Encodes one part of a URL: writes everything but letters, digits and -._~ as %XX.
std::string url_part(std::string_view text);

// Says why the daemon did not do what was asked: its "detail", else its "error", else the status.
// The job's state is added if the answer has one and the text does not name it.
std::string complaint(const daemon_answer& answer);

}  // namespace canaryd::cli
