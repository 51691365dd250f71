// Walks through the structure of JSON text: finds where each key and value begins.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace canaryd::text {

inline constexpr std::size_t max_json_depth = 32;

// Takes a key with its quotes from the text, and returns it without them and with its escapes
// resolved. If it is not a JSON string, what is inside the quotes is returned unchanged.
std::string json_key(std::string_view quoted);

// The end of the string that begins at text[begin], after its closing quote.
inline std::size_t json_string_end(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"')
    at += text[at] == '\\' ? 2 : 1;
  return at < text.size() ? at + 1 : text.size();
}

// The end of the comment that begins at text[begin].
inline std::size_t json_comment_end(std::string_view text, std::size_t begin) {
  const bool block = text.substr(begin).starts_with("/*");
  const auto end = text.find(block ? "*/" : "\n", begin + 2);
  return end == std::string_view::npos ? text.size() : end + (block ? 2 : 1);
}

// For each byte: whether a number or literal ends before it.
inline constexpr auto ends_json_scalar = [] {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view{" \t\r\n,:[]{}\"/"})
    ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

inline std::size_t json_scalar_end(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < text.size() && !ends_json_scalar[static_cast<unsigned char>(text[at])])
    ++at;
  return at;
}

// Walks through JSON text and calls, in the order of the text, with offsets into it:
//
//   visitor.key(quoted, offset)     a member's key, with its quotes
//   visitor.value(offset)           the beginning of any value; for an object or array followed by
//   visitor.open(bracket)           '{' or '['
//   visitor.close()                 the end of the innermost object or array
//
// In text that is not JSON, the walk goes as far as it makes sense and stays within bounds. It ends
// at an object or array that is inside max_json_depth others.
template <class Visitor>
void scan_json(std::string_view text, Visitor& visitor) {
  std::array<char, max_json_depth> brackets{};
  std::size_t depth = 0;
  bool key_next = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = at++;
    switch (const char c = text[begin]) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case ':':
        break;
      case ',':
        key_next = depth > 0 && brackets[depth - 1] == '{';
        break;
      case '{':
      case '[':
        if (depth == max_json_depth)
          return;
        visitor.value(begin);
        visitor.open(c);
        brackets[depth++] = c;
        key_next = c == '{';
        break;
      case '}':
      case ']':
        if (depth == 0)
          return;
        --depth;
        visitor.close();
        key_next = false;
        break;
      case '"':
        at = json_string_end(text, begin);
        if (key_next)
          visitor.key(text.substr(begin, at - begin), begin);
        else
          visitor.value(begin);
        key_next = false;
        break;
      case '/':
        at = json_comment_end(text, begin);
        break;
      default:
        visitor.value(begin);
        at = json_scalar_end(text, begin);
    }
  }
}

}  // namespace canaryd::text
