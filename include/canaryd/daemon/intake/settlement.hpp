// What a job leaves in the folders when it is taken and when it has ended. All of it is made from
// what the store has, and may be made again: a crash between any two steps is settled at the next
// start.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/store/store.hpp"

namespace canaryd::daemon {

// Writes `active/<job_id>.json` where it is missing.
result<void> restore_copy(const spool& where, const store::job_record& job);

// Of a job that has ended: writes the result and moves the copy to done/. Tries until it is done,
// for as long as it takes; a disk that fails is reported once.
async::task<> settle_files(spool where, const store::job_record& ended);

// True where the result is there and empty: a machine that lost power may forget what was in a file
// that it had made.
bool has_lost_result(const spool& where, const store::job_record& ended);

}  // namespace canaryd::daemon
