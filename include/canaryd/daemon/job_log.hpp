// What the log says of a job, with the fields of the journal that every such line has (SPEC section
// 9).
#pragma once

#include "canaryd/core/note.hpp"
#include "canaryd/store/store.hpp"

namespace canaryd::daemon {

void tell(const store::job_record& job, const core::note& what);

// Tells of the newest reading. Requires that there is one.
void tell_reading(const store::job_record& job);

}  // namespace canaryd::daemon
