// Opens an event feed again after the daemon was restarted, and waits for events, for signals and
// for time to pass, all at once.
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

  // Tries to open the feed. Fails as event_feed::open does; the next try is due a second later.
  result<void> connect();
  // Closes the feed. The next try to open it is due a second later.
  void disconnect();
  bool connected() const { return feed_.has_value(); }
  // True if the feed is not open and the next try is due.
  bool may_connect() const;

  // Waits until something happens, and for `at_most` at the longest. Closes the feed if it ends, or
  // if nothing has come for 45 s (the daemon sends a heartbeat every 15 s).
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
