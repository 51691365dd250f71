#include "canaryd/cli/event_stream.hpp"

#include "canaryd/text/json_parse.hpp"

#include <utility>

namespace canaryd::cli {
namespace {

constexpr std::size_t longest_line = 1024UZ * 1024;

}  // namespace

std::vector<server_event> event_stream::feed(std::string_view bytes) {
  unfinished_.append(bytes);
  std::vector<server_event> events;
  std::size_t begin = 0;
  for (auto end = unfinished_.find('\n'); end != std::string::npos;
       end = unfinished_.find('\n', begin)) {
    auto line = std::string_view{unfinished_}.substr(begin, end - begin);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    take_line(line, events);
    begin = end + 1;
  }
  unfinished_.erase(0, begin);
  if (unfinished_.size() > longest_line)
    unfinished_.clear();
  return events;
}

void event_stream::take_line(std::string_view line, std::vector<server_event>& events) {
  const auto value_behind = [&](std::string_view field) {
    auto value = line.substr(field.size());
    if (value.starts_with(' '))
      value.remove_prefix(1);
    return value;
  };
  if (line.starts_with("event:")) {
    name_ = value_behind("event:");
  } else if (line.starts_with("data:") && data_.size() <= longest_line) {
    data_ += value_behind("data:");
    data_ += '\n';
  } else if (line.empty()) {
    boost::json::error_code failure;
    auto parsed = text::parse_json(std::exchange(data_, {}), failure);
    auto name = std::exchange(name_, {});
    if (!failure)
      events.push_back({std::move(name), std::move(parsed)});
  }
}

}  // namespace canaryd::cli
