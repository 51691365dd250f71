// A loop whose time stops while anything can run, and otherwise jumps to the next timer. Days pass
// in milliseconds, and every run of a test has the same history.
#pragma once

#include "canaryd/async/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace canaryd::support {

// There may be one at a time, because it takes over the process's clock. What runs on the loop must
// end before it is destroyed.
class virtual_time {
 public:
  explicit virtual_time(instant start = instant{std::chrono::hours{1}},
                        wall_time wall = wall_time{std::chrono::days{20'000}})
      : clock_{start, wall} {}

  boost::asio::io_context& context() { return context_; }
  async::executor executor() { return context_.get_executor(); }
  async::manual_time& clock() { return clock_; }

  // Calls `callback` after everything that runs, that is, at every await. If it returns true,
  // nothing runs any more until resume().
  void on_turn(std::function<bool()> callback) { on_turn_ = std::move(callback); }
  // Imitates a slow machine: calls `lag` before each jump to a timer, and arrives that much later.
  void on_jump(std::function<duration()> lag) { lag_ = std::move(lag); }
  bool is_stopped() const { return is_stopped_; }
  void resume() { is_stopped_ = false; }

  // Runs everything that can run now. Time does not pass.
  void settle() {
    while (run_one()) {
    }
    // poll_one() stops the context when no work is left.
    context_.restart();
  }

  // Runs until nothing is left, or only waits without an end.
  void run() { run_until(instant::max()); }

  // The same up to and including `limit`. The time is then `limit`, or later if the machine is
  // slow, unless `limit` is instant::max().
  void run_until(instant limit) {
    while (step(limit)) {
    }
    if (limit != instant::max() && !is_stopped_)
      clock_.advance_to(context_, std::max(limit, async::clock::now()));
  }

  void run_for(duration time) { run_until(async::clock::now() + time); }

  // Runs `work` to its end, and returns what it returns or throws what it throws. Throws
  // logic_error if it never ends.
  template <class T>
  T await(async::task<T> work) {
    std::optional<T> result;
    std::exception_ptr problem;
    bool ended = false;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown, T value) {
      problem = std::move(thrown);
      result.emplace(std::move(value));
      ended = true;
    });
    run_to_end(ended, problem);
    return *std::move(result);
  }

  void await(async::task<> work) {
    std::exception_ptr problem;
    bool ended = false;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown) {
      problem = std::move(thrown);
      ended = true;
    });
    run_to_end(ended, problem);
  }

 private:
  bool run_one() {
    if (is_stopped_ || context_.poll_one() == 0)
      return false;
    is_stopped_ = on_turn_ && on_turn_();
    return true;
  }

  // Runs what can run, then jumps to the next timer. Returns false if there is none up to `limit`.
  bool step(instant limit) {
    settle();
    if (is_stopped_)
      return false;
    const auto next = clock_.next_deadline(context_);
    if (!next || *next > limit || *next == instant::max())
      return false;
    const auto lag = lag_ ? lag_() : duration::zero();
    clock_.advance_to(context_, std::max(*next + lag, async::clock::now()));
    return true;
  }

  void run_to_end(const bool& ended, const std::exception_ptr& problem) {
    settle();
    while (!ended) {
      if (!step(instant::max()))
        throw std::logic_error{"the task never ends"};
      settle();
    }
    if (problem)
      std::rethrow_exception(problem);
  }

  std::function<bool()> on_turn_;
  std::function<duration()> lag_;
  bool is_stopped_ = false;
  async::manual_time clock_;
  boost::asio::io_context context_{1};
};

}  // namespace canaryd::support
