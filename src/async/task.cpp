#include "canaryd/async/task.hpp"

#include <boost/system/system_error.hpp>

namespace canaryd::async {

task<> sleep_until(instant deadline) {
  timer alarm{co_await boost::asio::this_coro::executor, deadline};
  co_await alarm.async_wait(use_task);
}

task<> sleep_for(duration time) {
  co_await sleep_until(clock::now() + time);
}

bool is_cancellation(const std::exception_ptr& problem) {
  if (!problem)
    return false;
  try {
    std::rethrow_exception(problem);
  } catch (const boost::system::system_error& error) {
    return error.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace canaryd::async
