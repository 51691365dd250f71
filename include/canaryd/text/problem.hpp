// What is wrong with a file that an operator wrote, in words they can act on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::text {

struct problem {
  // JSON pointer (RFC 6901) to the value; empty for the whole document. That of a missing key names
  // where it should be.
  std::string pointer;
  // What was found and what is allowed.
  std::string message;
  // Both from 1, the column in characters; 0 where there is no place to point at.
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(const problem&) const = default;
};

using problem_list = std::vector<problem>;

// No more than this many problems of one file are collected.
inline constexpr std::size_t max_problems = 100;

// The pointer to member `key` of the object at `parent`, with "~" and "/" escaped.
std::string child_pointer(std::string_view parent, std::string_view key);

// "canary.json:4:12: /failure_limit: found 0, allowed is …", for a terminal or a log line.
std::string describe(const problem& found, std::string_view file);

}  // namespace canaryd::text
