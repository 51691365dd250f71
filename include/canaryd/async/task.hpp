// The coroutine type of the project, and the small tools that every coroutine uses.
#pragma once

#include "canaryd/async/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace canaryd::async {

// Uses the io_context's own executor type: any_io_executor costs an allocation per operation.
template <class T = void>
using task = boost::asio::awaitable<T, executor>;

// The completion token of every asynchronous call made inside a task.
inline constexpr boost::asio::use_awaitable_t<executor> use_task{};

// Suspends until `deadline`; returns at once if it has passed. Throws operation_aborted when the
// task is cancelled.
task<> sleep_until(instant deadline);
task<> sleep_for(duration time);

// True for the exception that a cancelled task ends with.
bool is_cancellation(const std::exception_ptr& problem);

}  // namespace canaryd::async
