// The thread that owns the file of the state, and the queue in front of it.
#pragma once

#include "canaryd/async/task.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include "transactor.hpp"
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace canaryd::store {

class writer {
 public:
  writer(async::executor ex, transactor state);
  // Ends once everything that waits has been executed.
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  // Starts the thread. Without this, perform() executes on the spot. Errors: fault::system.
  result<void> start();

  // Waits for the request and returns its outcome. It resumes on the loop, even if the writer is
  // gone by then. While it waits, the loop has work. It cannot be cancelled: the change happens or
  // fails.
  async::task<result<void>> perform(request asked);

 private:
  struct waiting_request {
    request asked;
    std::move_only_function<void(result<void>)> done;
  };

  result<void> execute_now(request asked);
  void enqueue(waiting_request added);
  std::vector<waiting_request> next_batch();
  void serve();

  async::executor executor_;
  transactor state_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<waiting_request> queue_;
  // True if the requests in the queue must not wait for more.
  bool hurries_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace canaryd::store
