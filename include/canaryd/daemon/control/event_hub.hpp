// What happens in the daemon, for those who listen: server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html) of the control socket. Whoever
// publishes never waits, and a listener who is slower than the events is dropped.
#pragma once

#include "canaryd/async/wakeup.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

// Shared by all listeners.
using event_text = std::shared_ptr<const std::string>;

class event_hub;

// One listener. Ends when it goes away, when it is closed, or when it is too slow.
class subscription {
 public:
  // An event waits for no more than this many others.
  static constexpr std::size_t max_waiting = 256;

  // Of one job, or of all of them where `job_id` is empty.
  subscription(async::executor ex, std::string job_id) : job_id_{std::move(job_id)}, bell_{ex} {}
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;

  // The next event as it is sent; a heartbeat (a comment line) where none comes before `deadline`;
  // null once it has ended. Throws operation_aborted when the task is cancelled.
  async::task<event_text> next(instant deadline);

  void close();
  bool has_ended() const { return ended_; }

  // Called when it ends other than by going away, to stop a write that the listener does not take.
  // Must not listen to the hub.
  void on_end(std::function<void()> callback) { on_end_ = std::move(callback); }

 private:
  friend class event_hub;
  void offer(const event_text& what, std::string_view job_id);

  std::string job_id_;
  std::function<void()> on_end_;
  std::deque<event_text> waiting_;
  bool ended_ = false;
  async::wakeup bell_;
};

class event_hub {
 public:
  static constexpr std::size_t max_listeners = 16;

  explicit event_hub(async::executor ex) : executor_{ex} {}

  // Events of one job, of all of them where `job_id` is empty. Null where there are max_listeners.
  std::shared_ptr<subscription> listen(std::string job_id);

  // Somebody listens: only then is it worth making an event.
  bool has_listeners() const;
  std::size_t listeners() const;

  // `kind` is "state", "reading" or "log"; `data` is one line of JSON; `job_id` is empty for what
  // is of no job.
  void publish(std::string_view kind, std::string_view job_id, std::string_view data);

 private:
  async::executor executor_;
  // Those that have gone are taken off when another one comes.
  std::vector<std::weak_ptr<subscription>> listeners_;
};

}  // namespace canaryd::daemon
