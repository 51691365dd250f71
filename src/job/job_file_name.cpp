#include "canaryd/job/job_file_name.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace canaryd::job {
namespace {

constexpr std::size_t max_stem_size = 100;

bool is_stem_character(char c) {
  return text::is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

bool is_stem(std::string_view stem) {
  return !stem.empty() && stem.size() <= max_stem_size && text::is_alphanumeric(stem.front()) &&
         std::ranges::all_of(stem, is_stem_character);
}

// The part behind the last dot. Empty if there is no dot.
std::string_view last_part(std::string_view stem) {
  const auto dot = stem.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : stem.substr(dot + 1);
}

}  // namespace

bool is_ignored_name(std::string_view name) {
  return name.starts_with('.') || name.ends_with(".tmp") || name.ends_with(".part") ||
         name.ends_with('~');
}

std::expected<std::string, std::string> job_file_stem(std::string_view name) {
  constexpr std::string_view extension = ".json";
  const auto stem = name.substr(0, name.size() - std::min(name.size(), extension.size()));
  if (!name.ends_with(extension) || !is_stem(stem))
    return std::unexpected{
        fmt::format("found the file name \"{}\", allowed is a letter or digit, up to {} more of "
                    "A-Z a-z 0-9 . _ "
                    "- and \".json\"",
                    text::printable_excerpt(name, 100), max_stem_size - 1)};
  const auto last = last_part(stem);
  const bool numbered = !last.empty() && std::ranges::all_of(last, text::is_digit);
  if (numbered || last == "result" || last == "error")
    return std::unexpected{fmt::format(
        "the file name \"{}\" ends in \".{}.json\", which is kept for the daemon's own files", name,
        last)};
  return std::string{stem};
}

}  // namespace canaryd::job
