// Writes the files of a job, when it is taken and when it has ended. All of them are made from the
// store and can be made again, so the next start repairs a crash between any two steps.
#pragma once

#include "canaryd/async/task.hpp"
#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/store/store.hpp"

namespace canaryd::daemon {

// Writes `active/<job_id>.json` if it is missing.
result<void> restore_copy(const spool& where, const store::job_record& job);

// Writes the result of a job that has ended and moves its copy to done/. Tries until it succeeds,
// and reports a failing disk once.
async::task<> settle_files(spool where, const store::job_record& ended);

// True if the result file is there but empty: a power loss may erase the contents of a new file.
bool has_lost_result(const spool& where, const store::job_record& ended);

}  // namespace canaryd::daemon
