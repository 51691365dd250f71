#include "canaryd/delivery/courier.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/base/backoff.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::delivery {
namespace {

using std::chrono::seconds;

// How many deliveries are on their way at once. That is enough to keep up, and leaves connections
// to canaries.
constexpr std::size_t max_deliveries = 8;
constexpr seconds longest_pause{60};

}  // namespace

courier::courier(async::executor ex, std::string destination, sink& to, store::store& store,
                 std::function<double()> random, observer tell)
    : destination_{std::move(destination)},
      sink_{to},
      store_{store},
      random_{std::move(random)},
      tell_{std::move(tell)},
      bell_{ex},
      deliveries_{ex, [this] { bell_.ring(); }} {}

async::task<> courier::run() {
  return async::run_and_join(deliveries_, serve());
}

void courier::wake() {
  wanted_ = true;
  bell_.ring();
}

async::task<> courier::serve() {
  for (;;) {
    while (async::clock::now() < paused_until_)
      co_await bell_.wait(paused_until_);
    deliveries_.rethrow_failure();
    wanted_ = false;
    co_await start_due();
    if (!wanted_)
      co_await bell_.wait();
  }
}

async::task<> courier::start_due() {
  // While deliveries fail, they are tried one at a time.
  const auto at_once = failures_ > 0 ? 1 : max_deliveries;
  if (busy_.size() >= at_once || busy_.size() >= store_.undelivered())
    co_return;
  store::due_question asked{.destination = destination_,
                            .limit = at_once - busy_.size(),
                            .busy = busy_,
                            .passed_over = unreadable_};
  std::ranges::copy(failed_, std::back_inserter(asked.busy));
  auto due = co_await store_.due_deliveries(std::move(asked));
  if (!due) {
    pause(due.error());
    co_return;
  }
  for (auto& each : *due)
    start(std::move(each));
  // All keys have failed, so it is the first one's turn again.
  if (due->empty() && !std::exchange(failed_, {}).empty())
    wanted_ = true;
}

void courier::start(store::delivery due) {
  if (const auto readable = sink_.check(due); !readable) {
    unreadable_.insert(due.sequence);
    tell_(delivery::unreadable{std::move(due), readable.error()});
    // Now the next delivery of its key is due.
    wanted_ = true;
    return;
  }
  busy_.push_back(due.order_key);
  deliveries_.spawn(deliver(std::move(due)));
}

async::task<> courier::deliver(store::delivery due) {
  co_await try_once(due);
  std::erase(busy_, due.order_key);
  wake();
}

async::task<> courier::try_once(const store::delivery& due) {
  const auto done = co_await sink_.deliver(due);
  if (done) {
    co_await settle(due.sequence, std::nullopt);
    failures_ = 0;
    failed_.clear();
  } else if (done.error().kind == fault::refused) {
    tell_(refused{due, done.error()});
    co_await settle(due.sequence, done.error().text);
  } else {
    co_await postpone(due, done.error());
  }
}

async::task<> courier::settle(std::int64_t sequence, std::optional<std::string> refusal) {
  // If a delivery has arrived but cannot be marked, it is delivered again. Its id makes that
  // harmless.
  const auto settled = co_await store_.settle_delivery(sequence, std::move(refusal));
  if (!settled)
    pause(settled.error());
}

async::task<> courier::postpone(const store::delivery& due, const error& problem) {
  failed_.push_back(due.order_key);
  const auto wait = std::chrono::ceil<wall_time::duration>(pause(problem));
  // This note is for people, so it does not matter if it is lost.
  (void)co_await store_.postpone_delivery(due.sequence, async::clock::wall_now() + wait);
}

// Returns how long the pause is.
duration courier::pause(const error& problem) {
  wanted_ = true;
  const auto now = async::clock::now();
  const auto wait = retry_wait(problem, failures_, random_(), longest_pause);
  paused_until_ = std::max(paused_until_, now + std::max<duration>(wait, seconds{1}));
  if (failures_++ == 0)
    tell_(delayed{destination_, problem});
  return paused_until_ - now;
}

}  // namespace canaryd::delivery
