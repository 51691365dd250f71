// Lets long work on the loop pause between two pieces.
#pragma once

#include "canaryd/async/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace canaryd::async {

// Lets everything that is ready run first. Throws operation_aborted if the task is cancelled.
inline task<> take_turn() {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_task);
}

}  // namespace canaryd::async
