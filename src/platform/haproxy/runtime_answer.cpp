#include "runtime_answer.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace canaryd::platform {
namespace {

constexpr std::size_t shown_characters = 120;

constexpr std::array<std::string_view, 4> refusals{"entry not found.", "Unknown map identifier",
                                                   "Permission denied", "No such proxy."};

}  // namespace

result<void> check_is_whole(std::string_view answer) {
  if (answer == "\n" || answer.ends_with("\n\n"))
    return {};
  return failure(fault::lost, answer.empty() ? "no answer came" : "the answer is cut off");
}

std::unexpected<error> unexpected_answer(std::string_view answer) {
  const auto line = take_line(answer);
  const bool is_refusal = std::ranges::any_of(
      refusals, [line](std::string_view beginning) { return line.starts_with(beginning); });
  return failure(
      is_refusal ? fault::refused : fault::malformed,
      fmt::format("the answer is \"{}\"", text::printable_excerpt(line, shown_characters)));
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace canaryd::platform
