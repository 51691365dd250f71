// Two tasks at the same time, and what both of them return.
#pragma once

#include "canaryd/async/task.hpp"

#include <optional>
#include <utility>

namespace canaryd::async {

// Runs both and waits until both have ended. Where one throws, the other is cancelled and waited
// for, and what was thrown first is rethrown. A cancellation of the caller reaches both.
task<> join_both(task<> first, task<> second);

// `result` outlives the task.
template <class T>
task<> keep_result(task<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

// The same with the results of both.
template <class First, class Second>
task<std::pair<First, Second>> both(task<First> first, task<Second> second) {
  std::optional<First> one;
  std::optional<Second> other;
  co_await join_both(keep_result(std::move(first), one), keep_result(std::move(second), other));
  co_return std::pair{*std::move(one), *std::move(other)};
}

}  // namespace canaryd::async
