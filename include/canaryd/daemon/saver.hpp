// Brings the steps of one canary to disk: first there, then into the world. Steps that are made
// while a write is under way, or fails, are written together by the next one.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/core/canary.hpp"
#include "canaryd/daemon/state_alarm.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace canaryd::daemon {

class saver {
 public:
  // `on_records` is called when audit records have been written.
  saver(store::store& store, state_alarm& alarm, const std::function<void()>& on_records)
      : store_{store}, alarm_{alarm}, on_records_{on_records} {}

  // Takes a step that the canary has made.
  void add(const core::step_result& made, bool has_reading, bool is_mere_reading);

  // Everything is on disk.
  bool is_done() const { return !unwritten_ && !writing_; }
  // The state that asks for the call of this serial is on disk.
  bool has_call(std::uint32_t serial) const { return written_call_ == serial; }
  // A rollback has waited long enough: a write has failed, or has taken a second.
  bool is_overdue(core::instant now) const;
  // Says, for people to find them if the daemon dies now, the audit records that are not on disk.
  void tell_unwritten_records();

  // A write should be started at `now`.
  bool wants_to_write(core::instant now) const {
    return unwritten_ && !writing_ && not_before_ <= now;
  }
  // Writes what there is to write, once; whoever waits for it looks at the above afterwards.
  async::task<> write();
  // When to look again, while it is not done.
  core::instant next_look(core::instant now) const;

 private:
  void give_back(store::transition failed);

  store::store& store_;
  state_alarm& alarm_;
  const std::function<void()>& on_records_;
  // Behind a pointer, because there is none most of the time, and a job is to be small.
  std::unique_ptr<store::transition> unwritten_;
  std::uint32_t written_call_ = 0;
  std::int32_t failures_ = 0;
  bool writing_ = false;
  // When the write under way, or the first of those that failed, began.
  std::optional<core::instant> waiting_since_;
  core::instant not_before_;
  std::size_t told_records_ = 0;
};

}  // namespace canaryd::daemon
