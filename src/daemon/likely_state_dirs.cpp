// Separate from the code that reads and writes files, so that it can be fuzzed alone.
#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/daemon/config/config.hpp"

#include <cstdlib>
#include <utility>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view key = "\"state_dir\"";

// The absolute path that a text begins with after a colon, if there is one. It need not be JSON.
std::string path_after_colon(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
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
  // The first of several need not be the key: it may stand in a comment.
  for (auto at = refused_text.find(key); at != std::string_view::npos;
       at = refused_text.find(key, at + key.size())) {
    if (auto path = path_after_colon(refused_text.substr(at + key.size())); !path.empty())
      folders.emplace_back(std::move(path));
  }
  if (const char* given = std::getenv("STATE_DIRECTORY"); given != nullptr) {
    // It may have several folders, separated by colons. The first is the daemon's.
    const std::string_view all{given};
    folders.emplace_back(all.substr(0, all.find(':')));
  }
  folders.emplace_back(config{}.state_dir);
  return folders;
}

}  // namespace canaryd::daemon
