#include "canaryd/delivery/queue.hpp"

#include <utility>

namespace canaryd::delivery {

queue::queue(async::executor ex, store::store& store, std::function<double()> random, observer tell)
    : executor_{ex},
      store_{store},
      random_{std::move(random)},
      tell_{std::move(tell)},
      bell_{ex},
      at_work_{ex, [this] { bell_.ring(); }} {}

void queue::add(std::string destination, sink& to) {
  couriers_.emplace_back(executor_, std::move(destination), to, store_, random_, tell_);
}

async::task<> queue::run() {
  return async::run_and_join(at_work_, serve());
}

async::task<> queue::serve() {
  for (auto& each : couriers_)
    at_work_.spawn(each.run());
  for (;;) {
    at_work_.rethrow_failure();
    co_await bell_.wait();
  }
}

void queue::wake() {
  for (auto& each : couriers_)
    each.wake();
}

std::size_t queue::unreadable() const {
  std::size_t count = 0;
  for (const auto& each : couriers_)
    count += each.unreadable();
  return count;
}

}  // namespace canaryd::delivery
