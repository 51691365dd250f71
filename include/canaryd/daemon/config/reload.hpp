// What a reload may change, and what it may not (reference: "Reloading").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace canaryd::daemon {

// What is active, queued or not.
struct active_jobs {
  bool any = false;
  // One whose readings count in units of the API's window.
  bool sequential = false;
};

// The configuration to go on with: `wanted`, but with the present values where a change needs a
// restart. Refused as a whole where the API, the client or the unit would change under an active
// job.
result<config> merge_reload(const config& present, config wanted, active_jobs jobs,
                            bool client_id_differs);

// The keys whose values in `wanted` are not in force before a restart.
std::vector<std::string> keys_that_need_restart(const config& present, const config& wanted);

enum class reload_fate : std::uint8_t {
  taken,
  // The file, or a file that it names, is wrong.
  file_refused,
  // The file is fine, but one of its changes is not possible while a job is active.
  not_now,
};

struct reload_outcome {
  reload_fate fate = reload_fate::taken;
  // A line for each reason to refuse it.
  std::vector<std::string> problems;
  // Changed keys that need a restart.
  std::vector<std::string> needs_restart;
};

}  // namespace canaryd::daemon
