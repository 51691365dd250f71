// Colours text for a terminal, and says how wide text is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::cli {

enum class tone : std::uint8_t { plain, bold, faint, good, warning, bad };

struct style {
  // If false, no escape sequence is written.
  bool colour = false;

  std::string paint(tone with, std::string_view text) const;
};

// Uses colour if `is_terminal`, unless $NO_COLOR is set and not empty (no-color.org), or the
// terminal is dumb.
style make_style(bool is_terminal);

// The colour of a state or a verdict of a canary.
tone tone_of(std::string_view state_or_verdict);

// The width in characters, without the codes of colours.
std::size_t visible_width(std::string_view text);

// Cuts the text to at most `width` visible characters. An ellipsis shows that something was cut
// off. The colour ends with the text.
std::string fit(std::string_view text, std::size_t width);

// Adds spaces up to `width`.
std::string pad(std::string text, std::size_t width);

}  // namespace canaryd::cli
