#include "canaryd/async/wakeup.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

namespace canaryd::async {
namespace {

// Rounding lets waiters with nearly the same deadline wake together: each separate deadline costs
// the loop a system call or two.
instant to_whole_milliseconds(instant deadline) {
  constexpr auto last = std::chrono::floor<std::chrono::milliseconds>(instant::max());
  return deadline > last ? instant::max()
                         : instant{std::chrono::ceil<std::chrono::milliseconds>(deadline)};
}

}  // namespace

task<> wakeup::wait(instant deadline) {
  const auto rings_before = rings_;
  timer_.expires_at(to_whole_milliseconds(deadline));
  boost::system::error_code ec;
  co_await timer_.async_wait(boost::asio::redirect_error(use_task, ec));
  // A ring and a cancellation of the task both end the wait with operation_aborted.
  if (ec && rings_ == rings_before)
    throw boost::system::system_error{ec};
}

void wakeup::ring() {
  ++rings_;
  timer_.cancel();
}

}  // namespace canaryd::async
