// Runs two tasks at the same time and returns both results.
#pragma once

#include "canaryd/async/task.hpp"

#include <optional>
#include <utility>

namespace canaryd::async {

// Runs both tasks and waits until both have ended. If one throws, the other is cancelled and
// joined, and the first exception is rethrown. Cancelling the caller cancels both.
task<> join_both(task<> first, task<> second);

// `result` must outlive the task.
template <class T>
task<> keep_result(task<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

// Like join_both(), and returns the results.
template <class First, class Second>
task<std::pair<First, Second>> both(task<First> first, task<Second> second) {
  std::optional<First> one;
  std::optional<Second> other;
  co_await join_both(keep_result(std::move(first), one), keep_result(std::move(second), other));
  co_return std::pair{*std::move(one), *std::move(other)};
}

}  // namespace canaryd::async
