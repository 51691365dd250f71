// The configuration that was accepted last, kept in state_dir: a start whose file is refused goes
// on with it, so that a mistake in a file never leaves live canaries unwatched
// (reference: "Reloading").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/base/time.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

struct accepted_config {
  // As the file had it.
  std::string text;
  wall_time at{};
  // Where it was kept.
  std::filesystem::path kept_in;
};

// Writes state_dir/accepted-config.json whole, readable by the daemon alone. It is not synced:
// after a loss of power it may be the one before. `file` is the configuration's absolute path.
result<void> keep_accepted(const std::filesystem::path& state_dir, const std::string& file,
                           std::string_view text, wall_time at);

// The one that was kept for the configuration `file` in the first of these folders that has one.
// One that was kept for another file does not count: it is another daemon's.
std::optional<accepted_config> find_accepted(const std::vector<std::filesystem::path>& state_dirs,
                                             const std::string& file);

// Where the state may be when the configuration is refused: where its text says so, however broken
// it is, else where systemd has it ($STATE_DIRECTORY), else in the default folder.
std::vector<std::filesystem::path> likely_state_dirs(std::string_view refused_text);

}  // namespace canaryd::daemon
