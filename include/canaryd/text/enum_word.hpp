// From a word back to the value whose to_string() it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace canaryd::text {

// Nothing for any other word. Requires an enumeration over std::uint8_t that counts from 0 without
// gaps, and a to_string() that is empty for numbers that are none of its values.
template <class Enum>
std::optional<Enum> from_word(std::string_view word) {
  for (std::uint8_t number = 0; number < UINT8_MAX; ++number) {
    const auto candidate = static_cast<Enum>(number);
    const std::string_view name = to_string(candidate);
    if (name.empty())
      return std::nullopt;
    if (name == word)
      return candidate;
  }
  return std::nullopt;
}

}  // namespace canaryd::text
