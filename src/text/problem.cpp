#include "canaryd/text/problem.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

namespace canaryd::text {

std::string child_pointer(std::string_view parent, std::string_view key) {
  std::string pointer{parent};
  pointer += '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

std::string describe(const problem& found, std::string_view file) {
  std::string text = printable(file);
  if (found.line > 0)
    text += fmt::format(":{}:{}", found.line, found.column);
  if (!found.pointer.empty())
    text += ": " + printable_excerpt(found.pointer, 200);
  return text + ": " + found.message;
}

}  // namespace canaryd::text
