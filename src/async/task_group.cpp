#include "canaryd/async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <utility>
#include <vector>

namespace canaryd::async {

using boost::asio::cancellation_type;
using boost::asio::this_coro::throw_if_cancelled;

task_group::task_group(executor ex, std::function<void()> on_failure)
    : executor_{ex}, on_failure_{std::move(on_failure)}, all_ended_{ex} {}

task_group::~task_group() {
  assert(children_.empty());
}

task_group::handle task_group::spawn(task<> child) {
  auto signal = std::make_shared<boost::asio::cancellation_signal>();
  const auto place = children_.insert(children_.end(), signal);
  boost::asio::co_spawn(executor_, std::move(child),
                        boost::asio::bind_cancellation_slot(
                            signal->slot(), [this, place](const std::exception_ptr& problem) {
                              ended(place, problem);
                            }));
  if (cancelled_)
    cancel(signal);
  return signal;
}

void task_group::cancel(const handle& child) {
  if (const auto signal = child.lock())
    signal->emit(cancellation_type::terminal);
}

void task_group::cancel() {
  // Signals are emitted once only: spawn() cancels later children itself. Outside the loop the
  // emission is posted, and a second one would arrive after the child and its signal are gone.
  if (std::exchange(cancelled_, true))
    return;
  // A child may end and leave the list while its signal is being emitted.
  const std::vector<handle> all{children_.begin(), children_.end()};
  for (const auto& child : all)
    cancel(child);
}

task<> task_group::join() {
  // A cancelled caller still waits for its children, because what they use must outlive them. Its
  // next wait after join() throws.
  const bool throws = co_await throw_if_cancelled();
  co_await throw_if_cancelled(false);
  while (!children_.empty()) {
    try {
      co_await all_ended_.wait();
    } catch (const boost::system::system_error&) {
      continue;
    }
  }
  co_await throw_if_cancelled(throws);
  rethrow_failure();
}

void task_group::rethrow_failure() {
  if (failure_)
    std::rethrow_exception(std::exchange(failure_, nullptr));
}

void task_group::ended(child_list::iterator child, const std::exception_ptr& problem) {
  children_.erase(child);
  if (problem && !is_cancellation(problem) && !failure_) {
    failure_ = problem;
    if (on_failure_)
      on_failure_();
  }
  if (children_.empty())
    all_ended_.ring();
}

task<> run_and_join(task_group& children, task<> work) {
  std::exception_ptr problem;
  try {
    co_await std::move(work);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await throw_if_cancelled(false);
  children.cancel();
  co_await children.join();
  co_await throw_if_cancelled(true);
  if (problem)
    std::rethrow_exception(problem);
}

}  // namespace canaryd::async
