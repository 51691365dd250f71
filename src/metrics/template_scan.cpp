#include "template_scan.hpp"

#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace canaryd::metrics {
namespace {

constexpr std::size_t longest_shown = 40;

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c == '_' || text::is_alphanumeric(c); });
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(placeholder::to); ++number)
    names.emplace_back(to_string(static_cast<placeholder>(number)));
  return names;
}

std::string unknown(std::string_view name) {
  const auto names = all_names();
  auto text = fmt::format("{{{}}} is no placeholder", text::printable_excerpt(name, longest_shown));
  if (const auto meant = text::nearest(name, names))
    text += fmt::format("; did you mean {{{}}}?", *meant);
  return text;
}

}  // namespace

void template_scan::take(std::size_t count) {
  text_ += left_.substr(0, count);
  whole_ += left_.substr(0, count);
  left_.remove_prefix(std::min(count, left_.size()));
}

bool template_scan::is_at_name() const {
  const auto end = left_.find('}');
  return end != std::string_view::npos && is_name(left_.substr(1, end - 1));
}

void template_scan::take_placeholder(encoding how) {
  const auto end = left_.find('}');
  if (end == std::string_view::npos)
    return complain(fmt::format("the brace before \"{}\" is not closed",
                                text::printable_excerpt(left_.substr(1), longest_shown)));
  const auto name = left_.substr(1, end - 1);
  const auto found = text::from_word<placeholder>(name);
  if (!found)
    return complain(unknown(name));
  const bool has_bare_form =
      *found == placeholder::window || *found == placeholder::from || *found == placeholder::to;
  if (how == encoding::bare && !has_bare_form)
    return complain(fmt::format("{{{}}} stands outside of a string: put it in quotes", name));
  pieces_.push_back({.text = std::exchange(text_, {}), .value = *found, .how = how});
  left_.remove_prefix(end + 1);
}

void template_scan::complain(std::string what) {
  if (problem_.empty())
    problem_ = std::move(what);
}

result<text_template> template_scan::finish() {
  if (!problem_.empty())
    return failure(fault::refused, std::move(problem_));
  return text_template{std::move(pieces_), std::move(text_)};
}

}  // namespace canaryd::metrics
