// Logs what happens to a job, with the journal fields that every such line has
// (reference: "Log lines").
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/store/store.hpp"

namespace canaryd::daemon {

// The platform, which a line shows only if it is not job::default_platform. The name must outlive
// the field.
field platform_field(const std::string& name);

void tell(const store::job_record& job, const note& what);

// Logs the newest reading. Requires that there is one.
void tell_reading(const store::job_record& job);

}  // namespace canaryd::daemon
