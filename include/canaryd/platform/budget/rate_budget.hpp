// The budget that all calls of a platform share (reference: "Rate budget"). It says who may send
// next, and when.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/async/wakeup.hpp"
#include "canaryd/base/backoff.hpp"
#include "canaryd/base/time.hpp"
#include "canaryd/platform/budget/client_stop.hpp"
#include "canaryd/platform/budget/priority.hpp"
#include "canaryd/platform/budget/token_bucket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace canaryd::platform {

struct budget_options {
  // At most this many requests are sent in any window of length `per`; two if this is 1. Both must
  // be greater than 0.
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};
  // How many requests may be under way at a time, at least 1. Rollbacks and their token may use two
  // more.
  std::size_t max_connections = 32;
  // True if an earlier process may have used up the budget just before this one began.
  bool begins_used_up = false;

  bool operator==(const budget_options&) const = default;
};

// Grants permits in the order of `priority`, and first come first served within one priority, as
// soon as both the rate and a connection allow it. There are three exceptions:
//   - While polls wait, they get one of every four permits, though never before a rollback's first
//     attempt. Deploys and records leave a quarter of the connections free. So canaries are watched
//     even if the API is slow to deploy.
//   - Repeats of rollbacks take at most half of the rate.
//   - The last two requests of a burst are kept for the first attempts of rollbacks and their
//     token.
// It is used on one loop, and must outlive its permits and everybody who waits.
class rate_budget {
 public:
  rate_budget(async::executor ex, budget_options options);
  ~rate_budget();
  rate_budget(const rate_budget&) = delete;
  rate_budget& operator=(const rate_budget&) = delete;

  // The new limits apply at once. Those who wait keep their turn.
  void reconfigure(budget_options options);

  // The right to send one request now. Its destructor gives the connection back.
  class permit {
   public:
    permit(permit&& other) noexcept;
    permit& operator=(permit&& other) noexcept;
    ~permit();

    instant admitted_at() const { return admitted_at_; }
    // How long admit() waited for it.
    duration waited() const { return waited_; }

   private:
    friend class rate_budget;
    permit(rate_budget& owner, priority rank, instant admitted_at, duration waited)
        : owner_{&owner}, rank_{rank}, admitted_at_{admitted_at}, waited_{waited} {}

    rate_budget* owner_;
    priority rank_;
    instant admitted_at_;
    duration waited_;
  };

  // A place in the queue, for a caller whose priority may have to be raised while it waits.
  class ticket {
   public:
    // With `ahead` it goes before all others of its rank, because they cannot go on without it.
    explicit ticket(priority rank, bool ahead = false) : rank_{rank}, ahead_{ahead} {}
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;

   private:
    friend class rate_budget;
    enum class state : std::uint8_t { idle, waiting, granted };

    priority rank_;
    bool ahead_;
    state state_ = state::idle;
    instant asked_at_;
    instant granted_at_;
    // Its rank when the permit was granted. rank_ may be raised later.
    priority granted_as_ = priority::poll;
    std::list<ticket*>::iterator position_;
    async::wakeup* bell_ = nullptr;
  };

  // Waits for a permit. Throws operation_aborted if the task is cancelled.
  async::task<permit> admit(priority rank);
  // Waits until `deadline` at most. Returns nothing if the deadline passes first.
  async::task<std::optional<permit>> admit(priority rank, instant deadline);
  // Waits with the caller's own ticket, which must outlive the wait. A ticket serves one wait at a
  // time.
  async::task<std::optional<permit>> admit(ticket& mine, instant deadline);

  // Moves a ticket to the queue of a higher priority. Does nothing if `rank` is not higher.
  void raise(ticket& mine, priority rank);

  // Charges one more request to a caller that holds a permit. Returns false, and charges nothing,
  // if the request would have to wait for the rate or for Retry-After.
  bool take_at_once(priority rank);

  // Call this when a request that was admitted at `admitted_at` was answered with 429. It halves
  // the rate, but not below a sixteenth of the configured one. All requests that were admitted
  // before the rate was halved count once together. `retry_after` stops the whole client: deploys
  // and records for at most 5 minutes, everybody else for at most 60 seconds, and a rollback's
  // first attempt not at all. More 429s during a stop do not make it longer than that.
  void report_throttled(instant admitted_at, std::optional<duration> retry_after);
  // Call this after a 2xx. It gives a sixteenth of the rate back, at most once a second, and not
  // while the client is stopped.
  void report_success();

  // The requests a second that may be sustained at present. Polls may use whatever nobody else
  // wants, and always get a quarter.
  double polls_per_second() const;

  // The polls a second that the connections allow. It follows from how long recent polls have held
  // a connection, which includes the time that this machine took. Infinite before the first poll,
  // and if the newest one is too long ago to say anything about now.
  double polls_per_second_by_connections() const;

  struct totals {
    std::uint64_t admitted = 0;
    duration waited{};
    duration longest_wait{};
  };
  const totals& counts() const { return totals_; }
  // `observer` is called at each permit with the time that was spent waiting for it.
  void observe_waits(std::function<void(duration)> observer);

  // How many callers wait at present.
  std::size_t waiting() const;

 private:
  static constexpr std::size_t rank_count = 6;
  using queue = std::list<ticket*>;
  class stay;

  queue& queue_of(priority rank) { return queues_[static_cast<std::size_t>(rank)]; }
  const queue& queue_of(priority rank) const { return queues_[static_cast<std::size_t>(rank)]; }

  double tokens_needed(priority rank) const;
  bool has_connection(priority rank) const;
  instant stopped_until(priority rank) const;
  instant possible_at(priority rank, instant now) const;
  bool may_go(priority rank, instant now) const;
  std::optional<priority> next_rank(instant now) const;
  void take(priority rank);
  void grant(priority rank, instant now);
  void serve();
  void set_alarm(instant now);
  void drop_alarm();
  void limit_rate(instant now);
  // `admitted_at` is set if the permit was collected.
  void release(priority rank, std::optional<instant> admitted_at);
  void note_hold(duration held);

  async::executor executor_;
  budget_options options_;
  std::array<queue, rank_count> queues_;
  std::size_t in_use_ = 0;
  // How many of those are used by deploys and records.
  std::size_t patient_in_use_ = 0;
  // How long a poll holds its connection on average. Zero before the first.
  duration poll_hold_{};
  // When the newest poll gave its connection back.
  instant poll_held_until_;
  token_bucket rate_;
  token_bucket repeats_;
  // How many permits others got while polls waited, less those that polls have made up for.
  int polls_passed_over_ = 0;
  // How many sixteenths of the configured rate are left after 429s.
  int sixteenths_ = 16;
  instant halved_at_ = instant::min();
  instant recovers_at_ = instant::min();
  client_stop stop_{longest_hold_up};
  // For deploys and records.
  client_stop patient_stop_{longest_deferral};
  totals totals_;
  std::function<void(duration)> observer_;
  async::timer alarm_;
  bool alarm_is_set_ = false;
  // The alarm's handler holds it weakly, because it may run when this object is gone.
  std::shared_ptr<rate_budget*> self_;
};

}  // namespace canaryd::platform
