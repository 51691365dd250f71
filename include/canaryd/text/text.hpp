// Small helpers for text that people wrote or will read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::text {

// These know only ASCII, whatever the locale is.
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

// The number of bytes at the front that are well-formed UTF-8 (RFC 3629): no overlong forms, no
// surrogates, nothing over U+10FFFF.
std::size_t valid_utf8_prefix(std::string_view bytes);

inline bool is_valid_utf8(std::string_view bytes) {
  return valid_utf8_prefix(bytes) == bytes.size();
}

// The length in code points. Requires valid UTF-8.
std::size_t code_points(std::string_view text);

// The character at the front of a text.
struct character {
  char32_t value = 0;
  // The number of its bytes; 0 if they are not UTF-8.
  std::size_t size = 0;

  // True if a terminal shows it and does nothing else. That is: it is UTF-8, and not a control
  // character (U+0000 to U+001F, U+007F to U+009F), a line separator (U+2028, U+2029) or a
  // direction mark (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069).
  bool is_printable() const;
};

// `text` must not be empty.
character first_character(std::string_view text);

// True if every character of the text is printable.
bool is_printable(std::string_view text);

// Makes hostile bytes safe for a terminal: one line of valid UTF-8, in which '?' replaces whatever
// is not printable.
std::string printable(std::string_view bytes);

// The same, cut to at most `limit` characters. An ellipsis shows that something was cut off.
std::string printable_excerpt(std::string_view bytes, std::size_t limit);

// The candidate that a misspelt `word` most likely means. The first choice is the one with the
// fewest letters inserted, removed, replaced or swapped, if at most a third of the letters differ.
// The next choices are a candidate that begins with the word, or begins it; one that contains it;
// and one that has a nearly equal part ("aproval": "approve_promotion"). Case and doubled letters
// do not matter.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string> candidates);

// The shortest decimal that reads back as the same double: "0.05", "1500", "4.4". It has an
// exponent only from 1e17 and below 1e-7. Requires a finite value.
std::string shortest_decimal(double value);

// Writes a number for people, to six digits; in full if it would otherwise look equal to `beside`,
// a different number. Requires finite values.
std::string short_decimal(double value, double beside);

// "1 reading", "15 readings". Requires a word whose plural is made with an s.
std::string counted(std::int64_t count, std::string_view word);

}  // namespace canaryd::text
