// What a reload may change, and what it may not (SPEC section 6, "SIGHUP").
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/daemon/config.hpp"

namespace canaryd::daemon {

// What is active, queued or not.
struct active_jobs {
  bool any = false;
  // One whose readings count in units of the API's window.
  bool sequential = false;
};

// The configuration to go on with: `wanted`, but with the present values, warned of, where a change
// needs a restart. Refused as a whole where the API, the client or the unit would change under an
// active job.
core::result<config> merge_reload(const config& present, config wanted, active_jobs jobs,
                                  bool client_id_differs);

}  // namespace canaryd::daemon
