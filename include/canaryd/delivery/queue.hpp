// The durable queue of what others are to be told. A transition puts deliveries into the store; the
// queue brings them to their destinations, none of which waits for another, and no canary for any.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/delivery/courier.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <string>

namespace canaryd::delivery {

class queue {
 public:
  // `store` outlives the queue. `random` is evenly spread over [0, 1).
  queue(async::executor ex, store::store& store, std::function<double()> random, observer tell);

  // What waits for `destination` goes to `to`, which outlives the queue. Before run(), and once for
  // each; what waits for any other destination goes on waiting.
  void add(std::string destination, sink& to);

  // Delivers until it is cancelled.
  async::task<> run();

  // New deliveries were committed.
  void wake();

  // How many deliveries were passed over because they cannot be read.
  std::size_t unreadable() const;

 private:
  async::task<> serve();

  async::executor executor_;
  store::store& store_;
  std::function<double()> random_;
  observer tell_;
  // Its elements stay where they are.
  std::list<courier> couriers_;
  async::wakeup bell_;
  async::task_group at_work_;
};

}  // namespace canaryd::delivery
