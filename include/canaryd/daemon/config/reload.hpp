// Decides what a reload may change (reference: "Reloading").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/config/config.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace canaryd::daemon {

// Says which jobs of one platform are active, including queued ones.
struct active_jobs {
  bool any = false;
  // True if the readings of a job count in units of the API's window.
  bool sequential = false;
};

// By platform. A platform without active jobs may be missing.
using active_by_platform = std::map<std::string, active_jobs>;

// The new configuration: `wanted`, but with the present values of keys that need a restart. Refuses
// the whole if a platform that has an active job would be removed, or if its API, its client or its
// unit would change. `other_clients` are the platforms whose client would change.
result<config> merge_reload(const config& present, config wanted, const active_by_platform& jobs,
                            const std::set<std::string>& other_clients);

// The keys whose values in `wanted` take effect only after a restart.
std::vector<std::string> keys_that_need_restart(const config& present, const config& wanted);

enum class reload_effect : std::uint8_t {
  taken,
  // The file or a file that it names is wrong.
  file_refused,
  // The file is fine, but one of its changes is not possible while a job is active.
  not_now,
};

struct reload_outcome {
  reload_effect effect = reload_effect::taken;
  // One line for each reason to refuse it.
  std::vector<std::string> problems;
  // The changed keys that need a restart.
  std::vector<std::string> needs_restart;
};

}  // namespace canaryd::daemon
