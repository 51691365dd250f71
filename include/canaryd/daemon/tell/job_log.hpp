// Logs what happens to a job, with the journal fields that every such line has
// (reference: "Log lines").
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/store/store.hpp"

namespace canaryd::daemon {

void tell(const store::job_record& job, const note& what);

// Logs the newest reading. Requires that there is one.
void tell_reading(const store::job_record& job);

}  // namespace canaryd::daemon
