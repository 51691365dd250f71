#include "canaryd/daemon/accepted_config.hpp"

#include "canaryd/daemon/config/config.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <utility>

namespace canaryd::daemon {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr auto file_name = "accepted-config.json";
// Larger than the configuration, because escapes make its text longer.
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
  const auto at = text::parse_wall_time(text_of(found, "accepted_at"));
  if (text.empty() || !at || text_of(found, "file") != file)
    return std::nullopt;
  return accepted_config{.text = std::move(text), .at = *at, .kept_in = kept};
}

}  // namespace

result<void> keep_accepted(const fs::path& state_dir, const std::string& file,
                           std::string_view text, wall_time at) {
  const json::object kept{
      {"file", file}, {"accepted_at", text::format_wall_time(at)}, {"text", text}};
  return write_whole(state_dir / file_name, text::write_json(kept, text::json_layout::indented),
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

}  // namespace canaryd::daemon
