#include "canaryd/daemon/accepted_config.hpp"

#include "canaryd/core/json_write.hpp"
#include "canaryd/core/wall_text.hpp"
#include "canaryd/daemon/config.hpp"
#include "canaryd/daemon/spool.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <cstdlib>
#include <utility>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr auto file_name = "accepted-config.json";
// The text grows where it is escaped.
constexpr std::size_t max_kept_bytes = max_config_bytes * 8;

std::string text_of(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::optional<accepted_config> read_kept(const fs::path& kept, const std::string& file) {
  const auto content = read_once(kept, max_kept_bytes);
  if (!content)
    return std::nullopt;
  json::error_code broken;
  const auto parsed = json::parse(content->bytes, broken);
  if (broken || !parsed.is_object())
    return std::nullopt;
  const auto& found = parsed.get_object();
  auto text = text_of(found, "text");
  const auto at = core::parse_wall_time(text_of(found, "accepted_at"));
  if (text.empty() || !at || text_of(found, "file") != file)
    return std::nullopt;
  return accepted_config{.text = std::move(text), .at = *at, .kept_in = kept};
}

// The absolute path that stands behind "state_dir": in a text that need not be JSON.
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

core::result<void> keep_accepted(const fs::path& state_dir, const std::string& file,
                                 std::string_view text, core::wall_time at) {
  const json::object kept{
      {"file", file}, {"accepted_at", core::format_wall_time(at)}, {"text", text}};
  return write_whole(state_dir / file_name, core::write_json(kept, core::json_layout::indented),
                     0600);
}

std::optional<accepted_config> find_accepted(const std::vector<fs::path>& state_dirs,
                                             const std::string& file) {
  for (const auto& folder : state_dirs) {
    if (auto found = read_kept(folder / file_name, file))
      return found;
  }
  return std::nullopt;
}

std::vector<fs::path> likely_state_dirs(std::string_view refused_text) {
  std::vector<fs::path> folders;
  if (auto written = state_dir_in(refused_text); !written.empty())
    folders.emplace_back(std::move(written));
  if (const char* given = std::getenv("STATE_DIRECTORY"); given != nullptr) {
    // Several are separated by colons; the first is the daemon's.
    const std::string_view all{given};
    folders.emplace_back(all.substr(0, all.find(':')));
  }
  folders.emplace_back(config{}.state_dir);
  return folders;
}

}  // namespace canaryd::daemon
