#include "canaryd/daemon/tell/log_writer.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace canaryd::daemon {

struct log_writer::shared {
  std::mutex guard;
  std::condition_variable has_work;
  std::condition_variable is_idle;
  log_queue queue;
  output write;
  std::uint64_t losses_told = 0;
  bool is_writing = false;
  bool is_over = false;

  bool is_done() const { return queue.is_empty() && !is_writing; }
  log_line next_line();
  void write_all();
};

// Requires that the queue has a line and that the caller holds the guard.
log_line log_writer::shared::next_line() {
  const auto lost = queue.lost() - losses_told;
  if (lost == 0)
    return *queue.take();
  losses_told = queue.lost();
  return {.level = severity::warning,
          .about = topic::log_lines_lost,
          .at = std::chrono::system_clock::now(),
          .text = fmt::format("log lines were lost because nobody read them lines={}", lost),
          .fields = {{"lines", fmt::to_string(lost)}}};
}

void log_writer::shared::write_all() {
  std::unique_lock lock{guard};
  for (;;) {
    has_work.wait(lock, [this] { return is_over || !queue.is_empty(); });
    if (is_over)
      return;
    const auto line = next_line();
    const auto to = write;
    is_writing = true;
    lock.unlock();
    to(line);
    lock.lock();
    is_writing = false;
    if (is_done())
      is_idle.notify_all();
  }
}

log_writer::log_writer(output write, log_bounds bounds) : shared_{std::make_shared<shared>()} {
  shared_->queue = log_queue{bounds};
  shared_->write = std::move(write);
  // The loop handles all signals, so the new thread must block them.
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread{[mine = shared_] { mine->write_all(); }}.detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

log_writer::~log_writer() {
  finish(std::chrono::milliseconds::zero());
}

void log_writer::add(log_line line) {
  const std::lock_guard lock{shared_->guard};
  shared_->queue.add(std::move(line));
  shared_->has_work.notify_one();
}

void log_writer::write_to(output write) {
  const std::lock_guard lock{shared_->guard};
  shared_->write = std::move(write);
}

bool log_writer::finish(std::chrono::milliseconds limit) {
  std::unique_lock lock{shared_->guard};
  const bool done = shared_->is_idle.wait_for(lock, limit, [this] { return shared_->is_done(); });
  shared_->is_over = true;
  shared_->has_work.notify_one();
  return done;
}

std::uint64_t log_writer::lost() const {
  const std::lock_guard lock{shared_->guard};
  return shared_->queue.lost();
}

}  // namespace canaryd::daemon
