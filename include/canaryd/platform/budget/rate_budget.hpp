// The one budget that all calls draw on (reference: "Rate budget"): who may send next, and when.
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
  // Never more than this many requests in any window of length `per`. Both greater than 0.
  std::int64_t requests = 1000;
  duration per = std::chrono::minutes{5};
  // Requests under way at a time, 1 or more; rollbacks and their token may use two more.
  std::size_t max_connections = 32;
  // True where somebody may already have used up the window in which the budget begins.
  bool begins_used_up = false;

  bool operator==(const budget_options&) const = default;
};

// Grants permits in the order of `priority`, first come first served within one, as soon as both
// the rate and a connection allow it. Exceptions to that order:
//   - while polls wait, one of every four permits is theirs (but none before a rollback's first
//     attempt), and deploys and records leave them a quarter of the connections: canaries are
//     watched while an API takes its time over a deploy;
//   - rollback repeats take at most half of the rate;
//   - the last two requests of a burst are kept for the first attempts of rollbacks and their
//   token.
// Lives on one loop, and outlives its permits and everybody who waits.
class rate_budget {
 public:
  rate_budget(async::executor ex, budget_options options);
  ~rate_budget();
  rate_budget(const rate_budget&) = delete;
  rate_budget& operator=(const rate_budget&) = delete;

  // Takes new limits at once. Those who wait keep their turn.
  void reconfigure(budget_options options);

  // The right to send one request now. Gives its connection back when it goes away.
  class permit {
   public:
    permit(permit&& other) noexcept;
    permit& operator=(permit&& other) noexcept;
    ~permit();

    instant admitted_at() const { return admitted_at_; }
    // How long admit() kept it waiting.
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

  // Somebody's ticket for the queue, for one who may want to be served earlier than first asked.
  class ticket {
   public:
    // `ahead`: before all others of its rank, who cannot go on without it.
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
    // Its rank then; rank_ may be raised later.
    priority granted_as_ = priority::poll;
    std::list<ticket*>::iterator position_;
    async::wakeup* bell_ = nullptr;
  };

  // Waits for a permit. Throws operation_aborted when the task is cancelled.
  async::task<permit> admit(priority rank);
  // The same until `deadline`; nothing where it passes first.
  async::task<std::optional<permit>> admit(priority rank, instant deadline);
  // The same with a ticket of the caller's, which must outlive the wait and serves one wait at a
  // time.
  async::task<std::optional<permit>> admit(ticket& mine, instant deadline);

  // Moves a ticket to a higher priority's queue. Does nothing where the rank is not higher.
  void raise(ticket& mine, priority rank);

  // Charges one request more for somebody who holds a permit. False, and nothing is charged, where
  // rate or Retry-After would have it wait.
  bool take_at_once(priority rank);

  // A 429 to a request admitted at that instant: halves the rate, not below a sixteenth of the
  // configured one, once for all requests admitted before. `retry_after` stops the whole client:
  // deploys and records for at most 5 minutes, everybody else for at most 60 seconds (each stop as
  // a whole, however many 429s come while it lasts), and a rollback's first attempt not at all.
  void report_throttled(instant admitted_at, std::optional<duration> retry_after);
  // A 2xx: gives a sixteenth of the rate back, at most once a second.
  void report_success();

  // The rate, in requests a second, that may be sustained at present. Polls may have all of it that
  // nobody else wants, and are sure of a quarter.
  double polls_per_second() const;

  // The polls a second that the connections bear, by how long each poll has held one of late: the
  // API's answering time, and this machine's own part in it. Infinite before the first poll, and
  // once the newest one is so long ago that it says nothing about now.
  double polls_per_second_by_connections() const;

  struct totals {
    std::uint64_t admitted = 0;
    duration waited{};
    duration longest_wait{};
  };
  const totals& counts() const { return totals_; }
  // Called at each permit with the time that it was waited for.
  void observe_waits(std::function<void(duration)> observer);

  // How many wait at present.
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
  void limit_rate(instant now);
  // `admitted_at` where it was used.
  void release(priority rank, std::optional<instant> admitted_at);
  void note_hold(duration held);

  async::executor executor_;
  budget_options options_;
  std::array<queue, rank_count> queues_;
  std::size_t in_use_ = 0;
  // Of those, for what can wait.
  std::size_t patient_in_use_ = 0;
  // What a poll holds its connection for, on average; zero before the first.
  duration poll_hold_{};
  // When the newest poll gave its connection back.
  instant poll_held_until_;
  token_bucket rate_;
  token_bucket repeats_;
  // Permits granted to others while polls waited, not yet made up for.
  int polls_passed_over_ = 0;
  // What 429s have left of the configured rate.
  int sixteenths_ = 16;
  instant halved_at_ = instant::min();
  instant recovers_at_ = instant::min();
  client_stop stop_{longest_hold_up};
  // For what can wait.
  client_stop patient_stop_{longest_deferral};
  totals totals_;
  std::function<void(duration)> observer_;
  async::timer alarm_;
  bool alarm_is_set_ = false;
  // Held weakly by the alarm's handler, which may run when this object is gone.
  std::shared_ptr<rate_budget*> self_;
};

}  // namespace canaryd::platform
