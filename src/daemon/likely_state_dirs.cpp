// Separate from the code that reads and writes files, so that it can be fuzzed alone.
#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/daemon/config/config.hpp"

#include <cstdlib>
#include <utility>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

// Finds the absolute path after "state_dir" in a text that need not be JSON.
std::string state_dir_in(std::string_view text) {
  constexpr std::string_view key = "\"state_dir\"";
  constexpr std::string_view space = " \t\r\n";
  const auto found = text.find(key);
  if (found == std::string_view::npos)
    return {};
  text.remove_prefix(found + key.size());
  for (const char expected : {':', '"'}) {
    const auto next = text.find_first_not_of(space);
    if (next == std::string_view::npos || text[next] != expected)
      return {};
    text.remove_prefix(next + 1);
  }
  const auto path = text.substr(0, text.find_first_of("\"\\\r\n"));
  return path.starts_with('/') && path.size() < text.size() ? std::string{path} : std::string{};
}

}  // namespace

std::vector<fs::path> likely_state_dirs(std::string_view refused_text) {
  std::vector<fs::path> folders;
  if (auto written = state_dir_in(refused_text); !written.empty())
    folders.emplace_back(std::move(written));
  if (const char* given = std::getenv("STATE_DIRECTORY"); given != nullptr) {
    // It may have several folders, separated by colons. The first is the daemon's.
    const std::string_view all{given};
    folders.emplace_back(all.substr(0, all.find(':')));
  }
  folders.emplace_back(config{}.state_dir);
  return folders;
}

}  // namespace canaryd::daemon
