#include "canaryd/async/both.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

namespace canaryd::async {

using boost::asio::co_spawn;
using boost::asio::deferred;
using boost::asio::experimental::make_parallel_group;
using boost::asio::experimental::wait_for_one_error;

task<> join_both(task<> first, task<> second) {
  const auto ex = co_await boost::asio::this_coro::executor;
  const auto [order, of_first, of_second] =
      co_await make_parallel_group(co_spawn(ex, std::move(first), deferred),
                                   co_spawn(ex, std::move(second), deferred))
          .async_wait(wait_for_one_error{}, use_task);
  const auto& sooner = order.front() == 0 ? of_first : of_second;
  const auto& later = order.front() == 0 ? of_second : of_first;
  if (sooner)
    std::rethrow_exception(sooner);
  if (later)
    std::rethrow_exception(later);
}

}  // namespace canaryd::async
