#include "canaryd/delivery/queue.hpp"

#include <algorithm>
#include <utility>

namespace canaryd::delivery {
namespace {

// Keeps the mark set for as long as it lives, so that nothing is spawned into a group that has been
// joined.
struct running_mark {
  explicit running_mark(bool& marked) : is_running{marked} { is_running = true; }
  ~running_mark() { is_running = false; }
  running_mark(const running_mark&) = delete;
  running_mark& operator=(const running_mark&) = delete;
  bool& is_running;
};

}  // namespace

queue::queue(async::executor ex, store::store& store, std::function<double()> random, observer tell)
    : executor_{ex},
      store_{store},
      random_{std::move(random)},
      tell_{std::move(tell)},
      bell_{ex},
      at_work_{ex, [this] { bell_.ring(); }} {}

void queue::add(std::string destination, sink& to) {
  if (find(destination) != nullptr)
    return;
  auto& added =
      couriers_.emplace_back(executor_, std::move(destination), to, store_, random_, tell_);
  if (is_running_)
    at_work_.spawn(added.run());
}

courier* queue::find(std::string_view destination) {
  const auto found = std::ranges::find(couriers_, destination, &courier::destination);
  return found == couriers_.end() ? nullptr : &*found;
}

async::task<> queue::run() {
  return async::run_and_join(at_work_, serve());
}

async::task<> queue::serve() {
  const running_mark mark{is_running_};
  for (auto& each : couriers_)
    at_work_.spawn(each.run());
  co_await tell_unattended();
  for (;;) {
    at_work_.rethrow_failure();
    co_await bell_.wait();
  }
}

async::task<> queue::tell_unattended() {
  const auto waiting = co_await store_.waiting_destinations();
  // This report is for people, so it does not matter if it is left out.
  if (!waiting)
    co_return;
  for (const auto& destination : *waiting) {
    if (find(destination) == nullptr)
      tell_(unattended{destination});
  }
}

void queue::wake(std::string_view destination) {
  if (auto* found = find(destination))
    found->wake();
}

std::size_t queue::unreadable() const {
  std::size_t count = 0;
  for (const auto& each : couriers_)
    count += each.unreadable();
  return count;
}

}  // namespace canaryd::delivery
