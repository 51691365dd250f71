// Keeps an event feed open over restarts of the daemon, and waits for it, for signals and for time
// to pass, all at once.
#pragma once

#include "canaryd/cli/event_feed.hpp"
#include "canaryd/cli/signals.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::cli {

struct happening {
  std::vector<server_event> events;
  std::optional<int> signal;
};

class feed_keeper {
 public:
  feed_keeper(std::string socket_path, std::string target)
      : path_{std::move(socket_path)}, target_{std::move(target)} {}

  // Tries to open the feed. Errors as event_feed::open; the next try is due a second later.
  result<void> connect();
  // The feed is of no use any more.
  void disconnect();
  bool connected() const { return feed_.has_value(); }
  // Not connected, and the next try is due.
  bool may_connect() const;

  // Waits for `at_most`, shorter where something happens. A feed that ends, or of which nothing has
  // been heard for 45 s (the daemon sends a heartbeat every 15 s), is closed.
  happening wait(std::chrono::milliseconds at_most);

 private:
  void take_events(std::vector<server_event>& events);

  std::string path_;
  std::string target_;
  signal_inbox signals_;
  std::optional<event_feed> feed_;
  steady_time next_try_{};
};

}  // namespace canaryd::cli
