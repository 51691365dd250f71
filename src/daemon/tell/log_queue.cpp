#include "canaryd/daemon/tell/log_queue.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace canaryd::daemon {
namespace {

std::size_t size_of(const log_line& line) {
  std::size_t bytes = sizeof(line) + line.text.size();
  for (const auto& field : line.fields)
    bytes += sizeof(field) + field.first.size() + field.second.size();
  return bytes;
}

}  // namespace

void log_queue::add(log_line line) {
  const auto size = size_of(line);
  if (size > bounds_.bytes) {
    ++lost_;
    return;
  }
  entries_.at(static_cast<std::size_t>(line.level)).push_back({next_number_++, std::move(line)});
  ++lines_;
  bytes_ += size;
  while (lines_ > bounds_.lines || bytes_ > bounds_.bytes) {
    remove_first(*std::ranges::find_if(entries_, [](const auto& each) { return !each.empty(); }));
    ++lost_;
  }
}

std::optional<log_line> log_queue::take() {
  if (is_empty())
    return std::nullopt;
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  return remove_first(*std::ranges::min_element(
      entries_, {}, [](const auto& each) { return each.empty() ? last : each.front().number; }));
}

log_line log_queue::remove_first(entry_list& from) {
  auto line = std::move(from.front().line);
  from.pop_front();
  --lines_;
  bytes_ -= size_of(line);
  return line;
}

}  // namespace canaryd::daemon
