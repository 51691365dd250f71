// Reads the daemon's events as they happen (GET /v1/events). They can be waited for with poll(2).
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/cli/answer_parser.hpp"
#include "canaryd/cli/event_stream.hpp"
#include "canaryd/cli/unix_socket.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

class event_feed {
 public:
  // Opens the feed. `target` is a path with its query. Returns once the daemon has agreed, so that
  // whatever happens afterwards is in the feed. Fails as control_client does, and as fault::refused
  // with the status if the daemon does not agree.
  static result<event_feed> open(const std::string& socket_path, std::string_view target);

  // Returns the events that have come. Requires that descriptor() is readable. Fails as fault::lost
  // at the end of the feed.
  result<std::vector<server_event>> read();

  int descriptor() const { return connection_.descriptor(); }
  // When anything last came, even a heartbeat.
  steady_time heard_at() const { return heard_at_; }

 private:
  explicit event_feed(unix_socket connection) : connection_{std::move(connection)} {}

  result<void> receive(steady_time until);

  unix_socket connection_;
  answer_parser answer_;
  event_stream events_;
  steady_time heard_at_ = std::chrono::steady_clock::now();
};

}  // namespace canaryd::cli
