#include "canaryd/text/json_fields.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace canaryd::text {
namespace {

bool contains(const std::vector<std::string>& keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

std::string refusal(std::string_view found, std::string_view allowed) {
  return fmt::format("found {}, allowed is {}", found, allowed);
}

}  // namespace

std::string not_an_object(const boost::json::value& found) {
  return refusal(show_value(found), "an object");
}

void allow_schema(json_fields& in) {
  std::string ignored;
  in.read("$schema", ignored,
          text_of("text", 0, std::string::npos, [](std::string_view) { return true; }));
}

json_fields::json_fields(const boost::json::object& object, std::string pointer,
                         problem_list& problems)
    : object_(&object), pointer_(std::move(pointer)), problems_(&problems) {}

std::optional<json_fields> json_fields::object(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  return nested(child_pointer(pointer_, key), *value);
}

std::optional<json_fields> json_fields::require_object(std::string_view key) {
  if (find(key) == nullptr)
    missing(key, "an object");
  return object(key);
}

const boost::json::array* json_fields::array(std::string_view key, std::size_t min,
                                             std::size_t max) {
  const auto* value = find(key);
  if (value == nullptr)
    return nullptr;
  const auto* found = value->if_array();
  if (found != nullptr && found->size() >= min && found->size() <= max)
    return found;
  refuse(child_pointer(pointer_, key), show_value(*value),
         fmt::format("an array of {} to {} elements", min, max));
  return nullptr;
}

std::optional<json_fields> json_fields::element(std::string_view key,
                                                const boost::json::array& array,
                                                std::size_t index) {
  return nested(element_pointer(key, index), array[index]);
}

const boost::json::value* json_fields::find(std::string_view key) {
  if (!knows(key))
    known_.emplace_back(key);
  return object_->if_contains(key);
}

void json_fields::complain(std::string_view key, std::string message) {
  add_problem(key.empty() ? pointer_ : child_pointer(pointer_, key), std::move(message));
}

void json_fields::complain(std::string_view key, std::size_t index, std::string message) {
  add_problem(element_pointer(key, index), std::move(message));
}

void json_fields::forbid(std::string_view key, std::string message) {
  if (object_->contains(key))
    complain(key, std::move(message));
  forbidden_.emplace_back(key);
}

void json_fields::refuse_unknown_keys() {
  for (const auto& member : *object_) {
    if (knows(member.key()) || contains(forbidden_, member.key()))
      continue;
    // The search for the nearest key takes time, and a file may have thousands of unknown keys.
    if (problems_->size() >= max_problems)
      break;
    const auto meant = nearest(member.key(), known_);
    complain(member.key(), meant
                               ? fmt::format("unknown key, the nearest known one is \"{}\"", *meant)
                               : fmt::format("unknown key, known are {}", fmt::join(known_, ", ")));
  }
}

bool json_fields::knows(std::string_view key) const {
  return contains(known_, key);
}

bool json_fields::is_sound(std::string_view key) const {
  const auto pointer = child_pointer(pointer_, key);
  return std::ranges::none_of(*problems_, [&](const problem& found) {
    return found.pointer == pointer || found.pointer.starts_with(pointer + '/');
  });
}

void json_fields::add_problem(std::string pointer, std::string message) {
  if (problems_->size() < max_problems)
    problems_->push_back({.pointer = std::move(pointer), .message = std::move(message)});
}

void json_fields::refuse(std::string pointer, std::string_view found, std::string_view allowed) {
  add_problem(std::move(pointer), refusal(found, allowed));
}

void json_fields::missing(std::string_view key, std::string_view allowed) {
  complain(key, fmt::format("missing, required is {}", allowed));
}

std::string json_fields::element_pointer(std::string_view key, std::size_t index) const {
  return child_pointer(child_pointer(pointer_, key), std::to_string(index));
}

std::optional<json_fields> json_fields::nested(std::string pointer,
                                               const boost::json::value& value) {
  if (const auto* object = value.if_object())
    return json_fields{*object, std::move(pointer), *problems_};
  add_problem(std::move(pointer), not_an_object(value));
  return std::nullopt;
}

}  // namespace canaryd::text
