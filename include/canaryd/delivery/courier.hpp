// Brings the deliveries that wait for one destination to it: each at least once, those of one order
// key in order, several keys at the same time, and after outages of any length. A delivery that
// fails holds up only its own key.
#pragma once

#include "canaryd/async/task_group.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/delivery/report.hpp"
#include "canaryd/delivery/sink.hpp"
#include "canaryd/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace canaryd::delivery {

class courier {
 public:
  // `random` is evenly spread over [0, 1).
  courier(async::executor ex, std::string destination, sink& to, store::store& store,
          std::function<double()> random, observer tell);

  // Delivers until it is cancelled.
  async::task<> run();

  const std::string& destination() const { return destination_; }

  // Looks again, because something new may wait.
  void wake();

  // The number of deliveries that were passed over because they cannot be read.
  std::size_t unreadable() const { return unreadable_.size(); }

 private:
  async::task<> serve();
  async::task<> start_due();
  void start(store::delivery due);
  async::task<> deliver(store::delivery due);
  async::task<> try_once(const store::delivery& due);
  async::task<> settle(std::int64_t sequence, std::optional<std::string> refusal);
  async::task<> postpone(const store::delivery& due, const error& problem);
  duration pause(const error& problem);

  std::string destination_;
  sink& sink_;
  store::store& store_;
  std::function<double()> random_;
  observer tell_;
  // Order keys whose oldest delivery is on its way.
  std::vector<std::string> busy_;
  // The order keys that have failed since the last delivery arrived. Others are tried before them.
  std::vector<std::string> failed_;
  std::unordered_set<std::int64_t> unreadable_;
  // After a failure all keys wait until then, because an outage concerns all of them.
  instant paused_until_;
  std::int32_t failures_ = 0;
  // Something has changed since the store was last looked at.
  bool wanted_ = false;
  async::wakeup bell_;
  async::task_group deliveries_;
};

}  // namespace canaryd::delivery
