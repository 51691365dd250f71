// What a start goes by: the configuration file, or the one accepted before where that is refused.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/daemon/loading.hpp"

#include <expected>
#include <string>
#include <vector>

namespace canaryd::daemon {

struct start_config {
  loaded_config given;
  // Why the file is refused, where `given` is the configuration that was accepted before; empty
  // where it is the file's own.
  std::vector<std::string> refused;
  // When `given` was accepted, where it is not the file's own.
  wall_time accepted_at{};
};

// `file` is an absolute path. Otherwise all that is wrong, a line for each: there is none that was
// accepted before, or this program or this machine refuses that one as well.
std::expected<start_config, std::vector<std::string>> load_for_start(
    const std::string& file, const credential_places& places);

}  // namespace canaryd::daemon
