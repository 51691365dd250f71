#include "canaryd/daemon/outbox.hpp"

#include "canaryd/base/backoff.hpp"
#include "canaryd/daemon/tell/log.hpp"

#include <algorithm>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

// Records on their way at once: enough to keep up, few enough to leave connections to canaries.
constexpr std::size_t max_deliveries = 8;
constexpr seconds longest_pause{60};
// Records that cannot be read are told of, and remembered, up to this many.
constexpr std::size_t max_told = 10'000;

}  // namespace

outbox::outbox(async::executor ex, platform::driver& platform, store::store& store,
               std::function<double()> random)
    : platform_{platform},
      store_{store},
      random_{std::move(random)},
      bell_{ex},
      deliveries_{ex, [this] { bell_.ring(); }} {}

async::task<> outbox::run() {
  return async::run_and_join(deliveries_, deliver_all());
}

void outbox::wake() {
  wanted_ = true;
  bell_.ring();
}

async::task<> outbox::deliver_all() {
  for (;;) {
    while (async::clock::now() < paused_until_)
      co_await bell_.wait(paused_until_);
    deliveries_.rethrow_failure();
    wanted_ = false;
    // While deliveries fail, one record at a time finds out when that is over.
    const auto at_once = failures_ > 0 ? 1 : max_deliveries;
    if (busy_.size() < at_once && busy_.size() < store_.undelivered()) {
      const auto due = co_await store_.due_records(at_once - busy_.size(), busy_);
      if (!due)
        pause(due.error());
      const auto batch = due.value_or(store::due_batch{});
      tell_unreadable(batch.unreadable);
      for (const auto& record : batch.records) {
        busy_.push_back(record.record.job_id);
        deliveries_.spawn(deliver(record));
      }
    }
    if (!wanted_)
      co_await bell_.wait();
  }
}

void outbox::tell_unreadable(const std::vector<store::unreadable_record>& passed_over) {
  for (const auto& record : passed_over) {
    if (told_unreadable_.size() < max_told && told_unreadable_.insert(record.record_id).second)
      log(severity::critical, topic::audit_unreadable,
          "a stored audit record cannot be read, and is kept and passed over",
          {{"job", record.job_id}, {"record", record.record_id}, {"error", record.problem}});
  }
}

async::task<> outbox::deliver(store::queued_record due) {
  const platform::target where{due.base_url, due.record.bot_id, {}, {}};
  // Where nobody takes records there is nothing to wait for.
  if (!platform_.can().takes_audit_records) {
    co_await settle(due.record.record_id, std::nullopt);
    std::erase(busy_, due.record.job_id);
    co_return wake();
  }
  const auto done = co_await platform_.audit(where, due.record);
  if (done) {
    co_await settle(due.record.record_id, std::nullopt);
    failures_ = 0;
  } else if (done.error().kind == fault::refused) {
    log(severity::warning, topic::audit_refused, "audit record refused for good, kept",
        {{"job", due.record.job_id},
         {"record", due.record.record_id},
         {"action", to_string(due.record.action)},
         {"error", done.error().text}});
    co_await settle(due.record.record_id, done.error().text);
  } else {
    pause(done.error());
  }
  std::erase(busy_, due.record.job_id);
  wake();
}

async::task<> outbox::settle(std::string record_id, std::optional<std::string> refusal) {
  // A record that is delivered and cannot be marked is delivered again, which its id makes
  // harmless.
  const auto settled = co_await store_.settle_record(record_id, refusal);
  if (!settled)
    pause(settled.error());
}

void outbox::pause(const error& problem) {
  wanted_ = true;
  const auto wait = retry_wait(problem, failures_, random_(), longest_pause);
  paused_until_ =
      std::max(paused_until_, async::clock::now() + std::max<duration>(wait, seconds{1}));
  if (failures_++ == 0)
    log(severity::warning, topic::audit_delayed, "audit records not delivered, trying again",
        {{"error", problem.text}});
}

}  // namespace canaryd::daemon
