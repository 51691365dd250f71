// Small helpers for text that people wrote or will read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::text {

// ASCII alone, whatever the locale.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
constexpr bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7F';
}
constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
}

// How many bytes at the front are well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates,
// nothing over U+10FFFF.
std::size_t valid_utf8_prefix(std::string_view bytes);

inline bool is_valid_utf8(std::string_view bytes) {
  return valid_utf8_prefix(bytes) == bytes.size();
}

// The length in code points. Requires valid UTF-8.
std::size_t code_points(std::string_view text);

// What stands at the front of a text.
struct character {
  char32_t value = 0;
  // Bytes taken; 0 where they are not UTF-8.
  std::size_t size = 0;

  // A terminal shows it and does nothing else: it is UTF-8, and no control character (U+0000 to
  // U+001F, U+007F to U+009F), line separator (U+2028, U+2029) or direction mark (U+061C, U+200E,
  // U+200F, U+202A to U+202E, U+2066 to U+2069).
  bool is_printable() const;
};

// Requires a text that is not empty.
character first_character(std::string_view text);

// Every character of it is printable.
bool is_printable(std::string_view text);

// Bytes that may be hostile, as valid UTF-8 on one line that a terminal can be given: whatever is
// not printable becomes '?'.
std::string printable(std::string_view bytes);

// At most `limit` characters of bytes that may be hostile, made printable. An ellipsis shows
// that something was cut off.
std::string printable_excerpt(std::string_view bytes, std::size_t limit);

// The candidate that a misspelt `word` most likely means: the one with the smallest number of
// letters inserted, removed, replaced or swapped, as long as at most a third of them differ; else
// one that begins with the word, or with which the word begins; else one that contains it; else one
// that has a nearly equal part ("aproval": "approve_promotion"). Case and doubled letters do not
// count.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string> candidates);

// The shortest decimal that reads back the same: "0.05", "1500", "4.4"; with an exponent only from
// 1e17 and below 1e-7. Requires a finite value.
std::string shortest_decimal(double value);

// To six digits, for a person; in full where `beside`, another number, would look the same.
// Requires finite values.
std::string short_decimal(double value, double beside);

// "1 reading", "15 readings". Requires a word whose plural is made with an s.
std::string counted(std::int64_t count, std::string_view word);

}  // namespace canaryd::text
