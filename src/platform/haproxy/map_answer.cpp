#include "canaryd/platform/haproxy/map_answer.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "runtime_answer.hpp"
#include <algorithm>
#include <charconv>
#include <optional>

namespace canaryd::platform {
namespace {

constexpr std::size_t shown_value_characters = 40;

result<basis_points> read_share_text(std::string_view written) {
  basis_points share = 0;
  const auto* end = written.data() + written.size();
  const auto read = std::from_chars(written.data(), end, share);
  // from_chars() takes a minus sign, and so does HAProxy.
  if (written.empty() || !std::ranges::all_of(written, text::is_digit) || read.ec != std::errc{} ||
      read.ptr != end || share > all_sessions)
    return failure(
        fault::malformed,
        fmt::format("the value \"{}\" is no share from 0 to {}",
                    text::printable_excerpt(written, shown_value_characters), all_sessions));
  return share;
}

// What stands between the quotes after `name="`.
std::optional<std::string_view> find_quoted(std::string_view line, std::string_view name) {
  const auto beginning = fmt::format(", {}=\"", name);
  const auto found = line.find(beginning);
  if (found == std::string_view::npos)
    return std::nullopt;
  const auto rest = line.substr(found + beginning.size());
  const auto end = rest.find('"');
  return end == std::string_view::npos ? std::nullopt : std::optional{rest.substr(0, end)};
}

// `type=str, case=sensitive, found=yes, idx=tree, key="orders", value="500", type="sint"`
result<basis_points> read_map_line(std::string_view line, std::string_view key) {
  if (line.contains(", found=no"))
    return failure(fault::refused, fmt::format("the map has no key {}", key));
  const auto value = find_quoted(line, "value");
  if (!line.contains(", found=yes,") || find_quoted(line, "key") != key || !value)
    return unexpected_answer(line);
  return read_share_text(*value);
}

}  // namespace

result<basis_points> read_map_value(std::string_view answer, std::string_view key) {
  if (const auto whole = check_is_whole(answer); !whole)
    return std::unexpected{whole.error()};
  auto share = read_map_line(take_line(answer), key);
  // HAProxy writes a line for each way in which its configuration uses the map.
  for (auto line = take_line(answer); share && !line.empty(); line = take_line(answer)) {
    const auto further = read_map_line(line, key);
    if (!further)
      return further;
    if (*further != *share)
      return failure(fault::malformed, fmt::format("the map has both {} and {}", *share, *further));
  }
  return share;
}

result<void> read_map_change(std::string_view answer) {
  if (auto whole = check_is_whole(answer); !whole)
    return whole;
  if (answer.find_first_not_of('\n') != std::string_view::npos)
    return unexpected_answer(answer);
  return {};
}

}  // namespace canaryd::platform
