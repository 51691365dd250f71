#include "canaryd/text/split_json.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::text {
namespace json = boost::json;
namespace {

bool has_value(const json::value& root, std::string_view pointer) {
  json::error_code absent;
  return root.find_pointer(pointer, absent) != nullptr;
}

// "canaryd.json:4:12", where that part has the value.
std::string place_of(std::string_view pointer, const json_part& part) {
  problem_list one{{.pointer = std::string{pointer}, .message = {}}};
  locate(one, part.bytes);
  return fmt::format("{}:{}:{}", printable(part.file), one.front().line, one.front().column);
}

bool is_schema_of_a_file(const std::string& parent, std::string_view key, const json::value& one,
                         const json::value& other) {
  return parent.empty() && key == "$schema" && one.is_string() && other.is_string();
}

}  // namespace

std::expected<split_json, std::vector<std::string>> split_json::merge(std::vector<json_part> parts,
                                                                      std::size_t max_part_bytes) {
  split_json merged;
  std::vector<std::string> unreadable;
  for (auto& each : parts) {
    auto parsed = parse_operator_json(each.bytes, max_part_bytes);
    if (!parsed) {
      unreadable.push_back(text::describe(parsed.error(), each.file));
    } else if (!parsed->root.is_object()) {
      problem_list one{{.pointer = {}, .message = not_an_object(parsed->root)}};
      locate(one, each.bytes);
      unreadable.push_back(text::describe(one.front(), each.file));
    } else {
      merged.add({std::move(each), std::move(parsed->root), std::move(parsed->problems)});
    }
  }
  if (!unreadable.empty())
    return std::unexpected{std::move(unreadable)};
  return merged;
}

void split_json::add(read_part part) {
  merge_into(root_, part.root.get_object(), "", part);
  parts_.push_back(std::move(part));
}

void split_json::merge_into(json::object& target, const json::object& from,
                            const std::string& pointer, read_part& part) {
  for (const auto& [key, value] : from) {
    const auto child = child_pointer(pointer, key);
    auto* known = target.if_contains(key);
    if (known == nullptr)
      target.emplace(key, value);
    else if (known->is_object() && value.is_object())
      merge_into(known->get_object(), value.get_object(), child, part);
    else if (!is_schema_of_a_file(pointer, key, *known, value))
      note_twice(child, part);
  }
}

void split_json::note_twice(const std::string& pointer, read_part& part) const {
  if (part.problems.size() >= max_problems)
    return;
  const auto& earlier = parts_[part_with(pointer)].source;
  part.problems.push_back(
      {.pointer = pointer,
       .message = fmt::format("{} has this key too, and only one of the files may have it",
                              place_of(pointer, earlier))});
}

// The first that has the value at `pointer`, or else the nearest value around it.
std::size_t split_json::part_with(std::string_view pointer) const {
  for (;;) {
    const auto found = std::ranges::find_if(
        parts_, [&](const read_part& part) { return has_value(part.root, pointer); });
    if (found != parts_.end() || pointer.empty())
      return static_cast<std::size_t>(found - parts_.begin());
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
}

std::string split_json::text() const {
  return parts_.size() == 1 ? parts_.front().source.bytes : write_json(root_, json_layout::compact);
}

std::vector<std::string> split_json::describe(const problem_list& found) const {
  std::vector<problem_list> by_part;
  by_part.reserve(parts_.size());
  for (const auto& part : parts_)
    by_part.push_back(part.problems);
  for (const auto& each : found)
    by_part[part_with(each.pointer)].push_back(each);
  std::vector<std::string> lines;
  std::size_t problem_count = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& source = parts_[i].source;
    problem_count += by_part[i].size();
    locate(by_part[i], source.bytes);
    for (const auto& each : by_part[i])
      lines.push_back(text::describe(each, source.file));
  }
  // locate() says so only where all of them are in one part.
  if (found.size() >= max_problems && lines.size() == problem_count)
    lines.push_back(fmt::format("there may be more: only {} problems are shown", problem_count));
  return lines;
}

}  // namespace canaryd::text
