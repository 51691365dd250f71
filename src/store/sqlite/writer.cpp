#include "writer.hpp"

#include "canaryd/async/other_thread.hpp"

#include <boost/asio/async_result.hpp>

#include <iterator>
#include <utility>

namespace canaryd::store {
namespace {

// Every request belongs to a task that waits for it, so there are never as many as this.
constexpr std::size_t max_waiting = 1'000'000;
// The limit keeps a transaction, and the wait for it, short.
constexpr std::size_t max_batch = 1024;
// Readings are gathered for this long, because a transaction costs more than what is in it.
constexpr std::chrono::milliseconds gathering_time{200};

}  // namespace

writer::writer(async::executor ex, transactor state) : executor_{ex}, state_{std::move(state)} {}

writer::~writer() {
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

result<void> writer::start() {
  return async::start_thread(thread_, "writes the state", [this] { serve(); });
}

async::task<result<void>> writer::perform(request asked) {
  if (!thread_.joinable())
    co_return execute_now(std::move(asked));
  co_return co_await boost::asio::async_initiate<decltype(async::use_task), void(result<void>)>(
      [this](auto handler, request wanted) {
        enqueue({std::move(wanted), async::resume_on_loop(executor_, std::move(handler))});
      },
      async::use_task, std::move(asked));
}

result<void> writer::execute_now(request asked) {
  return std::move(state_.execute({&asked, 1}).front());
}

void writer::enqueue(waiting_request added) {
  {
    const std::lock_guard lock{mutex_};
    if (queue_.size() < max_waiting) {
      const bool hurried = hurries_;
      hurries_ =
          hurries_ || added.asked.needs != access::patient_write || queue_.size() + 1 >= max_batch;
      queue_.push_back(std::move(added));
      if (queue_.size() == 1 || hurries_ != hurried)
        changed_.notify_one();
      return;
    }
  }
  added.done(failure(fault::system, "too many changes are waiting to be written"));
}

// Returns the next requests. Empty if the writer is stopping and all is done.
std::vector<writer::waiting_request> writer::next_batch() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  changed_.wait_for(lock, gathering_time, [this] { return stopping_ || hurries_; });
  if (queue_.size() <= max_batch) {
    hurries_ = false;
    return std::exchange(queue_, {});
  }
  const auto end = queue_.begin() + max_batch;
  std::vector<waiting_request> batch{std::move_iterator{queue_.begin()}, std::move_iterator{end}};
  queue_.erase(queue_.begin(), end);
  return batch;
}

void writer::serve() {
  for (;;) {
    // The batch keeps the loop in work, so it must be gone before the next wait.
    auto batch = next_batch();
    if (batch.empty())
      return;
    std::vector<request> requests;
    requests.reserve(batch.size());
    for (auto& each : batch)
      requests.push_back(std::move(each.asked));
    auto outcomes = state_.execute(requests);
    for (std::size_t i = 0; i < batch.size(); ++i)
      batch[i].done(std::move(outcomes[i]));
  }
}

}  // namespace canaryd::store
