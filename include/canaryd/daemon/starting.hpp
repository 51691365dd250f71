// Chooses the configuration of a start: the file, or the one accepted before if that is refused.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/daemon/loading.hpp"

#include <expected>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct start_config {
  loaded_config given;
  // Why the file is refused, if `given` is the configuration that was accepted before. Empty if
  // `given` is the file's own.
  std::vector<std::string> refused;
  // When `given` was accepted, if it is not the file's own.
  wall_time accepted_at{};
};

// `file` is an absolute path. Fails, with a line for each problem, if the file is refused and no
// configuration was accepted before, or that one is refused as well.
std::expected<start_config, std::vector<std::string>> load_for_start(
    const std::string& file, const credential_sources& sources);

}  // namespace canaryd::daemon
