#include "canaryd/platform/budget/rate_budget.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace canaryd::platform {
namespace {

using namespace std::chrono_literals;

// While polls wait, they get one permit of every four. So three permits may go to others.
constexpr int permits_before_a_poll = 3;
// How many polls may catch up in a row after many rollbacks.
constexpr int most_passed_over = 4 * permits_before_a_poll;
constexpr std::size_t rollback_connections = 2;
constexpr double rollback_reserve = 2.0;
constexpr duration recovery_interval = 1s;

bool is_rollback(priority rank) {
  return rank == priority::rollback || rank == priority::rollback_repeat;
}

// While a deploy or a record waits, no canary goes unwatched, and none stays live for longer.
bool can_wait(priority rank) {
  return rank == priority::deploy || rank == priority::record;
}

// The burst and the sustained rate together stay within the budget in every window, because
// burst + rate * per is `requests`. Only with one request a window can there be two.
double burst_of(const budget_options& options) {
  return static_cast<double>(std::max<std::int64_t>(1, options.requests / 10));
}

double sustained_of(const budget_options& options) {
  const std::chrono::duration<double> per = options.per;
  const double beside_burst = static_cast<double>(options.requests) - burst_of(options);
  return std::max(1.0, beside_burst) / per.count();
}

token_bucket make_bucket(const budget_options& options, double share, instant now) {
  const double capacity = std::max(1.0, burst_of(options) * share);
  return {capacity, sustained_of(options) * share, options.begins_used_up ? 0.0 : capacity, now};
}

}  // namespace

// Keeps a ticket in the queue for as long as this object lives, however the wait ends.
class rate_budget::stay {
 public:
  stay(rate_budget& budget, ticket& mine, async::wakeup& bell) : budget_{budget}, mine_{mine} {
    assert(mine_.state_ == ticket::state::idle);
    auto& queue = budget_.queue_of(mine_.rank_);
    mine_.bell_ = &bell;
    mine_.asked_at_ = async::clock::now();
    mine_.position_ = queue.insert(mine_.ahead_ ? queue.begin() : queue.end(), &mine_);
    mine_.state_ = ticket::state::waiting;
  }

  // Only a lack of memory or a defect in an observer throws here, and that may end the program.
  // NOLINTNEXTLINE(bugprone-exception-escape)
  ~stay() {
    if (mine_.state_ == ticket::state::waiting) {
      budget_.queue_of(mine_.rank_).erase(mine_.position_);
      budget_.drop_alarm();
    } else if (mine_.state_ == ticket::state::granted) {
      budget_.release(mine_.granted_as_, std::nullopt);
    }
    mine_.state_ = ticket::state::idle;
  }

  stay(const stay&) = delete;
  stay& operator=(const stay&) = delete;

  std::optional<permit> collect() {
    if (mine_.state_ != ticket::state::granted)
      return std::nullopt;
    mine_.state_ = ticket::state::idle;
    return permit{budget_, mine_.granted_as_, mine_.granted_at_,
                  mine_.granted_at_ - mine_.asked_at_};
  }

 private:
  rate_budget& budget_;
  ticket& mine_;
};

rate_budget::permit::permit(permit&& other) noexcept
    : owner_{std::exchange(other.owner_, nullptr)},
      rank_{other.rank_},
      admitted_at_{other.admitted_at_},
      waited_{other.waited_} {}

rate_budget::permit& rate_budget::permit::operator=(permit&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(rank_, other.rank_);
  std::swap(admitted_at_, other.admitted_at_);
  std::swap(waited_, other.waited_);
  return *this;
}

// Only a lack of memory or a defect in an observer throws here, and that may end the program.
// NOLINTNEXTLINE(bugprone-exception-escape)
rate_budget::permit::~permit() {
  if (owner_ != nullptr)
    owner_->release(rank_, admitted_at_);
}

rate_budget::rate_budget(async::executor ex, budget_options options)
    : executor_{ex},
      options_{options},
      rate_{make_bucket(options, 1.0, async::clock::now())},
      repeats_{make_bucket(options, 0.5, async::clock::now())},
      alarm_{ex},
      self_{std::make_shared<rate_budget*>(this)} {}

rate_budget::~rate_budget() {
  assert(waiting() == 0 && in_use_ == 0);
}

void rate_budget::reconfigure(budget_options options) {
  options_ = options;
  limit_rate(async::clock::now());
  serve();
}

async::task<rate_budget::permit> rate_budget::admit(priority rank) {
  ticket mine{rank};
  auto granted = co_await admit(mine, instant::max());
  co_return std::move(granted).value();
}

async::task<std::optional<rate_budget::permit>> rate_budget::admit(priority rank,
                                                                   instant deadline) {
  ticket mine{rank};
  co_return co_await admit(mine, deadline);
}

async::task<std::optional<rate_budget::permit>> rate_budget::admit(ticket& mine, instant deadline) {
  async::wakeup bell{executor_};
  stay in_queue{*this, mine, bell};
  serve();
  if (mine.state_ != ticket::state::granted)
    co_await bell.wait(deadline);
  co_return in_queue.collect();
}

void rate_budget::raise(ticket& mine, priority rank) {
  if (rank >= mine.rank_)
    return;
  if (mine.state_ == ticket::state::waiting) {
    auto& higher = queue_of(rank);
    const auto position = mine.ahead_ ? higher.begin() : higher.end();
    higher.splice(position, queue_of(mine.rank_), mine.position_);
  }
  mine.rank_ = rank;
  serve();
}

void rate_budget::report_throttled(instant admitted_at, std::optional<duration> retry_after) {
  const auto now = async::clock::now();
  if (admitted_at > halved_at_) {
    sixteenths_ = std::max(1, sixteenths_ / 2);
    halved_at_ = now;
    recovers_at_ = now + recovery_interval;
    limit_rate(now);
  }
  if (!retry_after)
    return;
  stop_.ask(admitted_at, now, *retry_after);
  patient_stop_.ask(admitted_at, now, *retry_after);
}

void rate_budget::report_success() {
  const auto now = async::clock::now();
  if (sixteenths_ == 16 || now < recovers_at_ || now < stop_.until())
    return;
  ++sixteenths_;
  recovers_at_ = now + recovery_interval;
  limit_rate(now);
  serve();
}

double rate_budget::polls_per_second() const {
  return rate_.per_second();
}

// This is Little's law. Polls that hung in an outage must not stretch the polls of canaries that
// begin long after it. So old times are forgotten; when connections are short, polls end all the
// time and the times are new.
double rate_budget::polls_per_second_by_connections() const {
  const duration memory = std::max<duration>(std::chrono::minutes{1}, 4 * poll_hold_);
  if (poll_hold_ <= duration::zero() || async::clock::now() - poll_held_until_ > memory)
    return std::numeric_limits<double>::infinity();
  return static_cast<double>(options_.max_connections) /
         std::chrono::duration<double>{poll_hold_}.count();
}

void rate_budget::observe_waits(std::function<void(duration)> observer) {
  observer_ = std::move(observer);
}

std::size_t rate_budget::waiting() const {
  std::size_t count = 0;
  for (const auto& queue : queues_)
    count += queue.size();
  return count;
}

// For all but rollbacks this is more than one, because the last tokens are kept for rollbacks.
double rate_budget::tokens_needed(priority rank) const {
  if (rank == priority::rollback)
    return 1.0;
  return 1.0 + std::min(rollback_reserve, rate_.capacity() - 1.0);
}

bool rate_budget::has_connection(priority rank) const {
  const auto for_polls = options_.max_connections / 4;
  if (can_wait(rank) && patient_in_use_ >= options_.max_connections - for_polls)
    return false;
  return in_use_ < options_.max_connections + (is_rollback(rank) ? rollback_connections : 0);
}

instant rate_budget::stopped_until(priority rank) const {
  if (rank == priority::rollback)
    return instant::min();
  return can_wait(rank) ? patient_stop_.until() : stop_.until();
}

// Returns when the rate and Retry-After allow a request of that rank, whoever else waits.
instant rate_budget::possible_at(priority rank, instant now) const {
  const auto possible = std::max(stopped_until(rank), rate_.when(tokens_needed(rank), now));
  if (rank == priority::rollback_repeat)
    return std::max(possible, repeats_.when(1.0, now));
  return possible;
}

bool rate_budget::take_at_once(priority rank) {
  const auto now = async::clock::now();
  rate_.refill(now);
  repeats_.refill(now);
  if (possible_at(rank, now) > now)
    return false;
  take(rank);
  return true;
}

void rate_budget::take(priority rank) {
  rate_.take();
  if (rank == priority::rollback_repeat)
    repeats_.take();
}

bool rate_budget::may_go(priority rank, instant now) const {
  return !queue_of(rank).empty() && has_connection(rank) && possible_at(rank, now) <= now;
}

std::optional<priority> rate_budget::next_rank(instant now) const {
  if (may_go(priority::rollback, now))
    return priority::rollback;
  if (polls_passed_over_ >= permits_before_a_poll && may_go(priority::poll, now))
    return priority::poll;
  for (const auto rank : {priority::rollback_repeat, priority::change, priority::deploy,
                          priority::record, priority::poll}) {
    if (may_go(rank, now))
      return rank;
  }
  return std::nullopt;
}

void rate_budget::grant(priority rank, instant now) {
  ticket& first = *queue_of(rank).front();
  queue_of(rank).pop_front();
  first.state_ = ticket::state::granted;
  first.granted_at_ = now;
  first.granted_as_ = rank;
  ++in_use_;
  patient_in_use_ += can_wait(rank) ? 1 : 0;
  take(rank);
  if (rank == priority::poll)
    polls_passed_over_ = std::max(0, polls_passed_over_ - permits_before_a_poll);
  else if (!queue_of(priority::poll).empty())
    polls_passed_over_ = std::min(most_passed_over, polls_passed_over_ + 1);

  const auto waited = now - first.asked_at_;
  ++totals_.admitted;
  totals_.waited += waited;
  totals_.longest_wait = std::max(totals_.longest_wait, waited);
  if (observer_)
    observer_(waited);
  first.bell_->ring();
}

void rate_budget::serve() {
  const auto now = async::clock::now();
  rate_.refill(now);
  repeats_.refill(now);
  while (const auto rank = next_rank(now))
    grant(*rank, now);
  set_alarm(now);
}

void rate_budget::set_alarm(instant now) {
  auto next = instant::max();
  for (std::size_t i = 0; i < rank_count; ++i) {
    // A ticket that the rate would allow waits for a connection, and release() calls serve().
    const auto at = queues_[i].empty() ? now : possible_at(static_cast<priority>(i), now);
    if (at > now)
      next = std::min(next, at);
  }
  if (next == instant::max() || (alarm_is_set_ && alarm_.expiry() <= next))
    return;
  alarm_is_set_ = true;
  alarm_.expires_at(next);
  alarm_.async_wait([self = std::weak_ptr{self_}](boost::system::error_code ec) {
    const auto budget = self.lock();
    if (ec || !budget)
      return;
    (*budget)->alarm_is_set_ = false;
    (*budget)->serve();
  });
}

// An alarm that nobody waits for would keep the loop of a stopping daemon busy, for as long as a
// Retry-After lasts.
void rate_budget::drop_alarm() {
  if (!alarm_is_set_ || waiting() > 0)
    return;
  alarm_is_set_ = false;
  alarm_.cancel();
}

void rate_budget::limit_rate(instant now) {
  const double share = sixteenths_ / 16.0;
  const auto whole = make_bucket(options_, share, now);
  const auto half = make_bucket(options_, share / 2, now);
  rate_.limit(whole.capacity(), whole.per_second(), now);
  repeats_.limit(half.capacity(), half.per_second(), now);
}

void rate_budget::release(priority rank, std::optional<instant> admitted_at) {
  --in_use_;
  patient_in_use_ -= can_wait(rank) ? 1 : 0;
  if (rank == priority::poll && admitted_at)
    note_hold(async::clock::now() - *admitted_at);
  serve();
}

void rate_budget::note_hold(duration held) {
  constexpr int weight = 16;
  poll_held_until_ = async::clock::now();
  poll_hold_ += (held - poll_hold_) / (poll_hold_ == duration::zero() ? 1 : weight);
}

}  // namespace canaryd::platform
