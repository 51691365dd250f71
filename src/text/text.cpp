#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <cstdint>
#include <ranges>
#include <vector>

namespace canaryd::text {
namespace {

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The optimal string alignment distance: Levenshtein's, but swapping two neighbours counts once.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped)
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

// Ignores what people misspell most: returns lower case, with doubled letters reduced to one.
std::string folded(std::string_view word) {
  std::string made;
  for (const char c : word) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (made.empty() || made.back() != lower)
      made += lower;
  }
  return made;
}

// How a word may differ from the one that was meant, the likeliest way first.
enum class kinship : std::uint8_t { misspelt, cut_off, part, misspelt_part };

struct likeness {
  kinship kind{};
  // Among candidates of one kind, the smallest is the nearest.
  std::size_t difference = 0;

  auto operator<=>(const likeness&) const = default;
};

// The distance, if at most a third of the letters differ.
std::optional<std::size_t> small_distance(std::string_view left, std::string_view right) {
  const auto [shorter, longer] = std::minmax({left.size(), right.size()});
  const std::size_t allowed = longer / 3;
  // The distance takes time for a long word, and somebody may send one on purpose.
  if (longer - shorter > allowed)
    return std::nullopt;
  const auto found = distance(left, right);
  return found <= allowed ? std::optional{found} : std::nullopt;
}

// The distance to the nearest part between underscores. Short parts are skipped, because they
// resemble too many words.
std::optional<std::size_t> distance_to_a_part(std::string_view word, std::string_view candidate) {
  constexpr std::size_t shortest = 5;
  std::optional<std::size_t> best;
  for (const auto each : std::views::split(candidate, '_')) {
    const std::string_view part{each};
    const auto found =
        std::min(word.size(), part.size()) < shortest ? std::nullopt : small_distance(word, part);
    if (found && (!best || *found < *best))
      best = found;
  }
  return best;
}

// Requires both texts folded.
std::optional<likeness> likeness_of(std::string_view word, std::string_view candidate) {
  constexpr std::size_t shortest = 3;
  if (const auto found = small_distance(word, candidate))
    return likeness{kinship::misspelt, *found};
  const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
  if (shorter >= shortest && (word.starts_with(candidate) || candidate.starts_with(word)))
    return likeness{kinship::cut_off, longer - shorter};
  if (shorter >= shortest && candidate.contains(word))
    return likeness{kinship::part, longer - shorter};
  if (const auto found = distance_to_a_part(word, candidate))
    return likeness{kinship::misspelt_part, *found};
  return std::nullopt;
}

}  // namespace

bool character::is_printable() const {
  const bool control = value < 0x20 || (value >= 0x7F && value < 0xA0);
  const bool separator = value == 0x2028 || value == 0x2029;
  const bool direction_mark = value == 0x061C || value == 0x200E || value == 0x200F ||
                              (value >= 0x202A && value <= 0x202E) ||
                              (value >= 0x2066 && value <= 0x2069);
  return size > 0 && !control && !separator && !direction_mark;
}

character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80)
    return {.value = lead, .size = 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size)
    return {};
  char32_t value = lead & (0x7FU >> size);
  for (const char byte : text.substr(1, size - 1)) {
    if (!is_continuation(byte))
      return {};
    value = (value << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  const char32_t smallest = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80;
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest || value > 0x10FFFF || surrogate)
    return {};
  return {.value = value, .size = size};
}

std::size_t valid_utf8_prefix(std::string_view bytes) {
  std::size_t prefix = 0;
  while (prefix < bytes.size()) {
    const std::size_t size = first_character(bytes.substr(prefix)).size;
    if (size == 0)
      break;
    prefix += size;
  }
  return prefix;
}

std::size_t code_points(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto first = first_character(text);
    if (!first.is_printable())
      return false;
    text.remove_prefix(first.size);
  }
  return true;
}

std::string printable(std::string_view bytes) {
  if (std::ranges::all_of(bytes, [](char c) { return c == ' ' || is_visible_ascii(c); }))
    return std::string{bytes};
  return printable_excerpt(bytes, std::string_view::npos);
}

std::string printable_excerpt(std::string_view bytes, std::size_t limit) {
  std::string excerpt;
  for (std::size_t characters = 0; !bytes.empty(); ++characters) {
    if (characters == limit)
      return excerpt + "…";
    const auto first = first_character(bytes);
    const std::size_t size = std::max<std::size_t>(first.size, 1);
    if (first.is_printable())
      excerpt += bytes.substr(0, size);
    else
      excerpt += '?';
    bytes.remove_prefix(size);
  }
  return excerpt;
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string> candidates) {
  const auto meant = folded(word);
  std::optional<std::string_view> best;
  likeness of_best;
  for (const std::string& candidate : candidates) {
    const auto found = likeness_of(meant, folded(candidate));
    if (found && (!best || *found < of_best)) {
      best = candidate;
      of_best = *found;
    }
  }
  return best;
}

std::string shortest_decimal(double value) {
  // Enough for 17 digits before the point, or for 17 digits after "-0.0000000".
  std::array<char, 40> buffer{};
  const double magnitude = std::abs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-7 && magnitude < 1e17);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value, format).ptr;
  return {buffer.begin(), end};
}

std::string short_decimal(double value, double beside) {
  auto text = fmt::format("{:.6g}", value);
  if (value != beside && text == fmt::format("{:.6g}", beside))
    return shortest_decimal(value);
  return text;
}

std::string counted(std::int64_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace canaryd::text
