// What has to hold for the problems of any file that an operator wrote.
#pragma once

#include "canaryd/text/problem.hpp"
#include "canaryd/text/text.hpp"

#include "require.hpp"
#include <algorithm>
#include <utility>

namespace canaryd::fuzz {

// There is at least one, they are few and in order, and each can be printed.
inline void require_sound(const text::problem_list& problems) {
  require(!problems.empty(), "a file that is refused has a problem");
  require(problems.size() <= text::max_problems + 1, "the problems of one file are limited");
  // Behind as many as are collected one says that there may be more; it has no place.
  const auto count = std::min(problems.size(), text::max_problems);
  require(std::ranges::is_sorted(
              problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(count), {},
              [](const text::problem& each) { return std::pair{each.line, each.column}; }),
          "problems are sorted by place");
  for (const auto& each : problems) {
    require(!each.message.empty(), "a problem says what is wrong");
    require(text::printable_excerpt(each.message, each.message.size()) == each.message,
            "a problem's message can be printed");
  }
}

}  // namespace canaryd::fuzz
