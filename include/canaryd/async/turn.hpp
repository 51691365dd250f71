// For long work on the loop: a pause between two pieces of it.
#pragma once

#include "canaryd/async/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace canaryd::async {

// Lets everything run first that is ready to. Throws operation_aborted where the task is cancelled.
inline task<> take_turn() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_task);
}

}  // namespace canaryd::async
