// The structured tree of tasks: every coroutine that runs beside another belongs to a group, and a
// group is cancelled and joined before it goes away. Nothing is detached.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/wakeup.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>

namespace canaryd::async {

class task_group {
 public:
  // `on_failure` is called once, on the loop, when a child ends with an exception that is not a
  // cancellation: that is a defect, and join() rethrows it.
  explicit task_group(executor ex, std::function<void()> on_failure = {});
  // Requires that every child has ended (see join()).
  ~task_group();
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  // Identifies one child, to cancel only that one. A handle of a child that has ended is harmless.
  using handle = std::weak_ptr<boost::asio::cancellation_signal>;

  // Starts `child`. Called on the loop's thread, it runs the child at once, so that the child may
  // have ended when this returns. After cancel(), a new child ends at its first wait.
  handle spawn(task<> child);

  // Asks one child, or all of them, to end: their waits throw operation_aborted.
  static void cancel(const handle& child);
  void cancel();

  // Waits until all children have ended, even if the caller is cancelled meanwhile. Rethrows the
  // first failure.
  task<> join();

  // Rethrows the first failure of a child, if there is one. For a loop that cannot work without its
  // children.
  void rethrow_failure();

  std::size_t size() const { return children_.size(); }

 private:
  using child_list = std::list<std::shared_ptr<boost::asio::cancellation_signal>>;
  void ended(child_list::iterator child, const std::exception_ptr& problem);

  executor executor_;
  std::function<void()> on_failure_;
  child_list children_;
  std::exception_ptr failure_;
  bool cancelled_ = false;
  wakeup all_ended_;
};

// Runs `work`, then cancels and joins its children, whether it returned, threw or was cancelled.
task<> run_and_join(task_group& children, task<> work);

}  // namespace canaryd::async
