// Colour for a terminal, and how wide text is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::cli {

enum class tone : std::uint8_t { plain, bold, faint, good, warning, bad };

struct style {
  // False: no escape sequence is written.
  bool colour = false;

  std::string paint(tone with, std::string_view text) const;
};

// Colour where `is_terminal` and neither $NO_COLOR (any value but an empty one, no-color.org) nor a
// dumb terminal forbids it.
style make_style(bool is_terminal);

// How a state or verdict of a canary is shown.
tone tone_of(std::string_view state_or_verdict);

// In characters, without colour.
std::size_t visible_width(std::string_view text);

// At most `width` visible characters; an ellipsis shows that something was cut off. Colour ends
// with the text.
std::string fit(std::string_view text, std::size_t width);

// With spaces behind up to `width`.
std::string pad(std::string text, std::size_t width);

}  // namespace canaryd::cli
