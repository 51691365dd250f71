// Brings the steps of one canary to disk: first there, then into the world. Steps that are made
// while a write is under way, or fails, are written together by the next one.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/state_alarm.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace canaryd::daemon {

// How much a step matters to what comes after it.
enum class weight : std::uint8_t {
  // Something is done, or said, because of it: on disk before that.
  decision,
  // A reading that changes nothing but counts: a loss of power may undo it.
  reading,
  // A pass after a pass, which leaves even the counts as they are: a crash may undo it, so that it
  // waits for others.
  further_pass,
};

class saver {
 public:
  // The canary of `job` is to have made every step that is taken when a write begins; `on_records`
  // is called when audit records have been written.
  saver(const store::job_record& job, store::store& store, state_alarm& alarm,
        const std::function<void()>& on_records)
      : job_{job}, store_{store}, alarm_{alarm}, on_records_{on_records} {}

  // Takes a step that the canary makes.
  void add(const canary::step_result& made, bool has_reading, weight matters);

  // How many steps were taken, and how many of them are on disk.
  std::uint64_t taken() const { return taken_; }
  std::uint64_t written() const { return written_; }
  // The newest write failed.
  bool fails() const { return failures_ > 0; }
  // Everything is on disk.
  bool is_done() const { return !unwritten_ && !writing_; }
  // The state that asks for the call of this serial is on disk.
  bool has_call(std::uint32_t serial) const { return written_call_ == serial; }
  // A rollback has waited long enough: a write has failed, or has taken a second.
  bool is_overdue(instant now) const;
  // Says, for people to find them if the daemon dies now, the audit records that are not on disk.
  void tell_unwritten_records();

  // A write should be started at `now`.
  bool wants_to_write(instant now) const { return unwritten_ && !writing_ && not_before_ <= now; }
  // Writes what there is to write, once; whoever waits for it looks at the above afterwards.
  async::task<> write();
  // When to look again, while it is not done.
  instant next_look(instant now) const;

 private:
  // What steps have brought, but for the canary.
  struct steps {
    std::vector<canary::audit_record> records;
    std::vector<store::numbered_reading> readings;
    bool are_mere_readings = true;
  };

  store::transition make_transition(const steps& made) const;
  void give_back(steps failed);

  const store::job_record& job_;
  store::store& store_;
  state_alarm& alarm_;
  const std::function<void()>& on_records_;
  // What is not being written yet. Behind a pointer, because there is none most of the time, and a
  // job is to be small.
  std::unique_ptr<steps> unwritten_;
  std::uint64_t taken_ = 0;
  std::uint64_t written_ = 0;
  std::uint32_t written_call_ = 0;
  std::int32_t failures_ = 0;
  bool writing_ = false;
  // When the write under way, or the first of those that failed, began.
  std::optional<instant> waiting_since_;
  // When the write under way began.
  instant write_began_;
  instant not_before_;
  std::size_t told_records_ = 0;
};

}  // namespace canaryd::daemon
