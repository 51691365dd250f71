// What a thread beside the loop needs: to be started without the loop's signals, and to hand its
// results to the loop.
#pragma once

#include "canaryd/async/clock.hpp"
#include "canaryd/base/error.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace canaryd::async {

// Starts a thread that blocks all signals, because the loop handles them. Fails with fault::system
// and "cannot start the thread that <purpose>: <why>".
result<void> start_thread(std::thread& into, const std::string& purpose,
                          std::function<void()> work);

// Wraps a handler of the loop so that another thread can call it once. Until then the loop runs on.
template <class Handler>
auto resume_on_loop(const executor& ex, Handler handler) {
  return [work = boost::asio::make_work_guard(ex),
          handler = std::move(handler)](result<void> outcome) mutable {
    boost::asio::post(work.get_executor(),
                      [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                        std::move(handler)(std::move(outcome));
                      });
  };
}

}  // namespace canaryd::async
