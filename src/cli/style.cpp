#include "canaryd/cli/style.hpp"

#include <cstdlib>

namespace canaryd::cli {
namespace {

constexpr std::string_view reset = "\x1B[0m";

std::string_view code_of(tone with) {
  switch (with) {
    case tone::bold:
      return "\x1B[1m";
    case tone::faint:
      return "\x1B[2m";
    case tone::good:
      return "\x1B[32m";
    case tone::warning:
      return "\x1B[33m";
    case tone::bad:
      return "\x1B[31m";
    case tone::plain:
      break;
  }
  return "";
}

// Returns where the colour code at text[at] ends, or `at` if there is none.
std::size_t code_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("\x1B["))
    return at;
  const auto end = text.find('m', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t character_end(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
    ++at;
  return at;
}

}  // namespace

std::string style::paint(tone with, std::string_view text) const {
  const auto code = code_of(with);
  if (!colour || code.empty() || text.empty())
    return std::string{text};
  return std::string{code} + std::string{text} + std::string{reset};
}

style make_style(bool is_terminal) {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view{terminal} == "dumb";
  return {.colour = is_terminal && !dumb && (forbidden == nullptr || *forbidden == '\0')};
}

tone tone_of(std::string_view word) {
  if (word == "pass" || word == "promoted_to_stable" || word == "promoting")
    return tone::good;
  if (word == "breach" || word == "rolling_back" || word == "rolled_back" || word == "failed" ||
      word == "unreadable")
    return tone::bad;
  if (word == "no_data" || word == "provider_error" || word == "paused" ||
      word == "waiting_approval")
    return tone::warning;
  return word == "queued" ? tone::faint : tone::plain;
}

std::size_t visible_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto end = code_end(text, at); end != at) {
      at = end;
    } else {
      at = character_end(text, at);
      ++width;
    }
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  if (visible_width(text) <= width)
    return std::string{text};
  if (width == 0)
    return "";
  std::string cut;
  std::size_t used = 0;
  bool coloured = false;
  for (std::size_t at = 0; used + 1 < width;) {
    const auto code = code_end(text, at);
    const auto end = code != at ? code : character_end(text, at);
    cut += text.substr(at, end - at);
    if (code != at)
      coloured = text.substr(at, end - at) != reset;
    else
      ++used;
    at = end;
  }
  return cut + "…" + (coloured ? std::string{reset} : "");
}

std::string pad(std::string text, std::size_t width) {
  const auto used = visible_width(text);
  if (used < width)
    text.append(width - used, ' ');
  return text;
}

}  // namespace canaryd::cli
