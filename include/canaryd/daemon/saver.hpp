// Writes the turns of one canary to disk before they take effect. Turns that are made while a write
// is under way or fails are written together by the next one.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/canary/canary.hpp"
#include "canaryd/daemon/tell/state_alarm.hpp"
#include "canaryd/store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace canaryd::daemon {

// How important it is that a turn is on disk.
enum class weight : std::uint8_t {
  // It makes the daemon do or say something, so it must be on disk before that.
  decision,
  // A reading that changes only counts: a loss of power may undo it.
  reading,
  // A pass after a pass, which does not even change counts: a crash may undo it, so it waits for
  // others.
  further_pass,
};

class saver {
 public:
  using destination_source = std::function<std::vector<std::string>(const std::string& platform)>;

  // When a write begins, the canary of `job` must have made every turn that was added. Its audit
  // records go to each of `destinations`. When some have been written, calls `on_records` with each
  // destination.
  saver(const store::job_record& job, store::store& store, state_alarm& alarm,
        const destination_source& destinations,
        const std::function<void(const std::string&)>& on_records)
      : job_{job},
        store_{store},
        alarm_{alarm},
        destinations_{destinations},
        on_records_{on_records} {}

  // Adds a turn that the canary makes.
  void add(const canary::advance_result& made, bool has_reading, weight matters);

  // The number of turns that were added, and the number that are on disk.
  std::uint64_t taken() const { return taken_; }
  std::uint64_t written() const { return written_; }
  // True if the newest write failed.
  bool fails() const { return failures_ > 0; }
  // True if everything is on disk.
  bool is_done() const { return !unwritten_ && !writing_; }
  // True if the state that asks for the call with this serial is on disk.
  bool has_call(std::uint32_t serial) const { return written_call_ == serial; }
  // True if a rollback has waited long enough: a write has failed or has taken a second.
  bool is_overdue(instant now) const;
  // Logs the audit records that are not on disk, so that people find them if the daemon dies now.
  void tell_unwritten_records();

  // True if a write should start at `now`.
  bool wants_to_write(instant now) const { return unwritten_ && !writing_ && not_before_ <= now; }
  // Tries once to write what is not on disk. The functions above tell the result.
  async::task<> write();
  // When to look again, if not everything is on disk.
  instant next_look(instant now) const;

 private:
  // What turns have brought, apart from the new state of the canary.
  struct turns {
    std::vector<canary::audit_record> records;
    std::vector<store::numbered_reading> readings;
    bool are_mere_readings = true;
  };

  store::transition make_transition(const turns& made,
                                    const std::vector<std::string>& destinations) const;
  void give_back(turns failed);

  const store::job_record& job_;
  store::store& store_;
  state_alarm& alarm_;
  const destination_source& destinations_;
  const std::function<void(const std::string&)>& on_records_;
  // What no write has taken yet. It is usually empty, so a pointer keeps jobs small.
  std::unique_ptr<turns> unwritten_;
  std::uint64_t taken_ = 0;
  std::uint64_t written_ = 0;
  std::uint32_t written_call_ = 0;
  std::int32_t failures_ = 0;
  bool writing_ = false;
  // When the current write began, or the first one of those that failed in a row.
  std::optional<instant> waiting_since_;
  // When the current write began.
  instant write_began_;
  instant not_before_;
  std::size_t told_records_ = 0;
};

}  // namespace canaryd::daemon
