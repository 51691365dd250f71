// Finds the value of an enumeration whose to_string() is a given word.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace canaryd::text {

// Returns nothing if no value has that word. Requires an enumeration over std::uint8_t that counts
// from 0 without gaps, and a to_string() that is empty for every number that is not a value.
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
