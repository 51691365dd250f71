// Keeps what only another version of this program knows about a stored canary.
#include "canaryd/canary/canary_json.hpp"
#include "canaryd/canary/canary_row.hpp"
#include "canaryd/text/json_write.hpp"

#include "canary_codec.hpp"
#include <algorithm>

namespace canaryd::canary {
namespace json = boost::json;
namespace {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// Members that are replaced as a whole, because their parts mean nothing without each other.
template <class T>
concept moment = std::same_as<T, std::optional<judge::reading>> ||
                 std::same_as<T, std::optional<rows::pending_call>>;

// Members that last as long as the canary, or as long as it gathers evidence.
template <class T>
concept lasting =
    text::described<T> || (is_optional<T> && !moment<T> && text::described<typename T::value_type>);

template <text::described T>
const T* part_of(const T& field) {
  return &field;
}
template <class T>
const T* part_of(const std::optional<T>& field) {
  return field ? &*field : nullptr;
}

template <text::described T>
bool has_field(const T& value, std::string_view wanted) {
  bool found = false;
  text::each_field(value, [&](const char* name, const auto&) { found = found || name == wanted; });
  return found;
}

// Compares the texts, because a number may be an integer in one and a double in the other.
bool are_equal(const json::value& left, const json::value& right) {
  return write_json(left, text::json_layout::compact) ==
         write_json(right, text::json_layout::compact);
}

template <moment T>
T read_as(const json::value& found) {
  T value;
  field_reader{}.read(found, value);
  return value;
}

template <text::described T>
json::object unknown_of(const json::object& found) {
  json::object unknown;
  const T example{};
  text::each_field(example, [&]<class Field>(const char* name, const Field&) {
    const auto* member = found.if_contains(name);
    if (member == nullptr)
      return;
    if constexpr (moment<Field>) {
      if (!are_equal(field_writer::write(read_as<Field>(*member)), *member))
        unknown.emplace(name, *member);
    } else if constexpr (lasting<Field>) {
      using part = std::remove_cvref_t<decltype(*part_of(std::declval<const Field&>()))>;
      const auto* members = member->if_object();
      auto inner = members != nullptr ? unknown_of<part>(*members) : json::object{};
      if (!inner.empty())
        unknown.emplace(name, std::move(inner));
    }
  });
  for (const auto& member : found) {
    if (!has_field(example, member.key()))
      unknown.emplace(member.key(), member.value());
  }
  return unknown;
}

template <text::described T>
void keep(json::object& written, const T& value, const json::object& unknown) {
  text::each_field(value, [&]<class Field>(const char* name, const Field& field) {
    const auto* member = unknown.if_contains(name);
    if (member == nullptr)
      return;
    if constexpr (moment<Field>) {
      if (read_as<Field>(*member) == field)
        written[name] = *member;
    } else if constexpr (lasting<Field>) {
      if (const auto* part = part_of(field))
        keep(written.emplace(name, json::object{}).first->value().as_object(), *part,
             member->as_object());
    }
  });
  for (const auto& member : unknown) {
    if (!has_field(value, member.key()))
      written.emplace(member.key(), member.value());
  }
}

}  // namespace

json::object unknown_members(const json::value& found) {
  return unknown_of<rows::canary>(found.as_object());
}

bool has_only_finite_numbers(const json::value& found) {
  if (const auto* number = found.if_double())
    return std::isfinite(*number);
  if (const auto* list = found.if_array())
    return std::ranges::all_of(*list, has_only_finite_numbers);
  if (const auto* object = found.if_object())
    return std::ranges::all_of(*object, [](const json::key_value_pair& member) {
      return has_only_finite_numbers(member.value());
    });
  return true;
}

void keep_unknown(json::object& written, const canary& current, const json::object& unknown) {
  if (!unknown.empty())
    keep(written, to_row(current), unknown);
}

}  // namespace canaryd::canary
