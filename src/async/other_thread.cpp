#include "canaryd/async/other_thread.hpp"

#include <csignal>
#include <pthread.h>
#include <system_error>

namespace canaryd::async {

result<void> start_thread(std::thread& into, const std::string& purpose,
                          std::function<void()> work) {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  result<void> started;
  try {
    into = std::thread{std::move(work)};
  } catch (const std::system_error& problem) {
    started =
        failure(fault::system, "cannot start the thread that " + purpose + ": " + problem.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace canaryd::async
