#include "canaryd/daemon/saver.hpp"

#include "canaryd/async/clock.hpp"
#include "canaryd/daemon/tell/job_log.hpp"
#include "canaryd/delivery/audit_payload.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace canaryd::daemon {
namespace {

using std::chrono::seconds;

// How long a rollback waits for the disk (reference: "Full disk").
constexpr seconds rollback_patience{1};
constexpr seconds first_retry{1};
constexpr seconds longest_retry{8};
// How long passes are gathered, so that one write takes many.
constexpr seconds gathering_time{1};
// Only the newest readings that cannot be written are kept, because an outage may last.
constexpr std::size_t max_unwritten_readings = 16;

}  // namespace

void saver::add(const canary::advance_result& made, bool has_reading, weight matters) {
  ++taken_;
  const bool is_first = !unwritten_;
  if (is_first)
    unwritten_ = std::make_unique<turns>();
  auto& whole = *unwritten_;
  whole.are_mere_readings = whole.are_mere_readings && matters != weight::decision;
  std::ranges::copy(made.records, std::back_inserter(whole.records));
  if (has_reading && made.next.newest)
    whole.readings.push_back({canary::total(made.next.readings), *made.next.newest});
  const bool is_full = whole.readings.size() >= max_unwritten_readings;
  if (whole.readings.size() > max_unwritten_readings)
    whole.readings.erase(whole.readings.begin());
  // Nothing shortens the wait after a failure.
  if (failures_ > 0)
    return;
  if (matters != weight::further_pass || is_full)
    not_before_ = {};
  else if (is_first)
    not_before_ = async::clock::now() + gathering_time;
}

bool saver::is_overdue(instant now) const {
  return failures_ > 0 || (waiting_since_ && now - *waiting_since_ >= rollback_patience);
}

void saver::tell_unwritten_records() {
  if (!unwritten_)
    return;
  const auto& records = unwritten_->records;
  for (; told_records_ < records.size(); ++told_records_) {
    const auto& record = records[told_records_];
    log(severity::critical, topic::audit_unsaved, "audit record not on disk yet",
        {{"job", record.job_id},
         platform_field(job_.spec.platform),
         {"record", record.record_id},
         {"action", to_string(record.action)},
         {"status", to_string(record.status)},
         {"reason", record.reason}});
  }
}

store::transition saver::make_transition(const turns& made,
                                         const std::vector<std::string>& destinations) const {
  store::transition change{.canary = job_.canary,
                           .deliveries = {},
                           .readings = made.readings,
                           .is_mere_reading = made.are_mere_readings};
  change.deliveries.reserve(made.records.size() * destinations.size());
  for (const auto& record : made.records) {
    for (const auto& each : destinations)
      change.deliveries.push_back(delivery::make_audit_delivery(each, {record, job_.base_url}));
  }
  return change;
}

async::task<> saver::write() {
  writing_ = true;
  write_began_ = async::clock::now();
  auto made = std::move(*std::exchange(unwritten_, nullptr));
  const auto taken = taken_;
  if (!waiting_since_)
    waiting_since_ = write_began_;
  const auto call = job_.canary.next_call ? job_.canary.next_call->serial : 0;
  const auto destinations =
      made.records.empty() ? std::vector<std::string>{} : destinations_(job_.spec.platform);
  const auto done = co_await store_.commit(make_transition(made, destinations));
  writing_ = false;
  if (!done) {
    alarm_.failed(done.error());
    give_back(std::move(made));
    co_return;
  }
  alarm_.succeeded();
  written_call_ = call;
  written_ = taken;
  failures_ = 0;
  waiting_since_.reset();
  told_records_ = 0;
  for (const auto& each : destinations)
    on_records_(each);
}

// Keeps what could not be written, followed by what was decided meanwhile.
void saver::give_back(turns failed) {
  const auto wait = std::min(first_retry * (1 << std::min(failures_, 3)), longest_retry);
  not_before_ = async::clock::now() + wait;
  ++failures_;
  if (unwritten_) {
    auto newer = std::move(*unwritten_);
    std::ranges::move(newer.records, std::back_inserter(failed.records));
    std::ranges::move(newer.readings, std::back_inserter(failed.readings));
    failed.are_mere_readings = failed.are_mere_readings && newer.are_mere_readings;
  }
  unwritten_ = std::make_unique<turns>(std::move(failed));
  tell_unwritten_records();
}

instant saver::next_look(instant now) const {
  if (!writing_)
    return unwritten_ ? not_before_ : instant::max();
  alarm_.waits(now - write_began_);
  return now + rollback_patience;
}

}  // namespace canaryd::daemon
