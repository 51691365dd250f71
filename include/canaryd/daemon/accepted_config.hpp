// Keeps the last accepted configuration in state_dir. If the file is refused at a start, the daemon
// uses the kept one, so that a mistake in a file never leaves live canaries unwatched
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
  // The text of the file.
  std::string text;
  wall_time at{};
  // The folder that it was kept in.
  std::filesystem::path kept_in;
};

// Writes state_dir/accepted-config.json, which only the daemon can read. The file is not synced:
// after a loss of power it may be the previous one. `file` is the configuration's absolute path.
result<void> keep_accepted(const std::filesystem::path& state_dir, const std::string& file,
                           std::string_view text, wall_time at);

// Finds what was kept for the configuration `file`, in the first of these folders that has it. What
// was kept for another file does not count, because it belongs to another daemon.
std::optional<accepted_config> find_accepted(const std::vector<std::filesystem::path>& state_dirs,
                                             const std::string& file);

// Lists where the state may be if the configuration is refused: first where its text says, however
// broken that is, then where systemd says ($STATE_DIRECTORY), then the default folder.
std::vector<std::filesystem::path> likely_state_dirs(std::string_view refused_text);

}  // namespace canaryd::daemon
