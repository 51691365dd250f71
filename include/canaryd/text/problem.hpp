// What is wrong with a file that an operator wrote, in words that help to correct it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::text {

struct problem {
  // The JSON pointer (RFC 6901) to the value; empty for the whole document. For a missing key, it
  // is where the key should be.
  std::string pointer;
  // What was found and what is allowed.
  std::string message;
  // Both count from 1, the column in characters. 0 means that there is no place to name.
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(const problem&) const = default;
};

using problem_list = std::vector<problem>;

// The most problems that are collected for one file.
inline constexpr std::size_t max_problems = 100;

// The pointer to member `key` of the object at `parent`, with "~" and "/" escaped.
std::string child_pointer(std::string_view parent, std::string_view key);

// Writes "canary.json:4:12: /failure_limit: found 0, allowed is …", for a terminal or a log line.
std::string describe(const problem& found, std::string_view file);

}  // namespace canaryd::text
