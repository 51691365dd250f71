// The durable queue of what others are told. A transition puts deliveries into the store, and the
// queue brings them to their destinations. No destination waits for another, and no canary waits
// for a delivery.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/delivery/courier.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace canaryd::delivery {

class queue {
 public:
  // `store` must outlive the queue. `random` gives numbers evenly spread over [0, 1).
  queue(async::executor ex, store::store& store, std::function<double()> random, observer tell);

  // Gives `to`, which must outlive the queue, what waits for `destination`. May be called at any
  // time. A destination that has a sink keeps it. Deliveries for any other destination keep
  // waiting.
  void add(std::string destination, sink& to);

  // Delivers until it is cancelled.
  async::task<> run();

  // New deliveries for `destination` were committed.
  void wake(std::string_view destination);

  // The number of deliveries that were passed over because they cannot be read.
  std::size_t unreadable() const;

 private:
  async::task<> serve();
  async::task<> tell_unattended();
  courier* find(std::string_view destination);

  async::executor executor_;
  store::store& store_;
  std::function<double()> random_;
  observer tell_;
  // A list, because coroutines refer to its elements.
  std::list<courier> couriers_;
  bool is_running_ = false;
  async::wakeup bell_;
  async::task_group at_work_;
};

}  // namespace canaryd::delivery
