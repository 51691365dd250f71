// Sends what happens in the daemon to listeners at the control socket, as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). Publishing never waits, and a
// listener that is too slow is dropped.
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

// All listeners share the text.
using event_text = std::shared_ptr<const std::string>;

class event_hub;

// One listener. It ends when it is destroyed, closed or too slow.
class subscription {
 public:
  // A listener with this many waiting events is too slow.
  static constexpr std::size_t max_waiting = 256;

  // Listens to one job, or to all of them if `job_id` is empty.
  subscription(async::executor ex, std::string job_id) : job_id_{std::move(job_id)}, bell_{ex} {}
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;

  // Returns the next event as it is sent, or a heartbeat (a comment line) if none comes before
  // `deadline`, or null once the subscription has ended. Throws operation_aborted when the task is
  // cancelled.
  async::task<event_text> next(instant deadline);

  void close();
  bool has_ended() const { return ended_; }

  // Calls `callback` when the subscription is closed or too slow, to stop a write that the listener
  // does not take. The callback must not listen to the hub.
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

  // Listens to one job, or to all of them if `job_id` is empty. Null if max_listeners exist
  // already.
  std::shared_ptr<subscription> listen(std::string job_id);

  // True if somebody listens. Otherwise there is no need to make an event.
  bool has_listeners() const;
  std::size_t listeners() const;

  // `kind` is "state", "reading" or "log". `data` is one line of JSON. `job_id` is empty if the
  // event belongs to no job.
  void publish(std::string_view kind, std::string_view job_id, std::string_view data);

 private:
  async::executor executor_;
  // Listeners that are gone are removed when a new one comes.
  std::vector<std::weak_ptr<subscription>> listeners_;
};

}  // namespace canaryd::daemon
