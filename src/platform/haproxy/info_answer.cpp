#include "canaryd/platform/haproxy/info_answer.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "runtime_answer.hpp"
#include <algorithm>

namespace canaryd::platform {
namespace {

constexpr std::size_t most_digits = 20;

// Empty if the answer has no such line, or something else than a number there.
std::string_view find_number(std::string_view answer, std::string_view name) {
  for (auto line = take_line(answer); !line.empty(); line = take_line(answer)) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with(": "))
      continue;
    const auto value = line.substr(name.size() + 2);
    const bool is_number =
        value.size() <= most_digits && std::ranges::all_of(value, text::is_digit);
    return is_number ? value : std::string_view{};
  }
  return {};
}

}  // namespace

result<std::string> read_start(std::string_view answer) {
  if (const auto whole = check_is_whole(answer); !whole)
    return std::unexpected{whole.error()};
  if (!answer.starts_with("Name: "))
    return unexpected_answer(answer);
  // In a container each start may have the same process id.
  const auto process = find_number(answer, "Pid");
  const auto second = find_number(answer, "Start_time_sec");
  if (process.empty() || second.empty())
    return failure(fault::malformed, "Pid or Start_time_sec is missing");
  return fmt::format("{}@{}", process, second);
}

}  // namespace canaryd::platform
