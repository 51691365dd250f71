// Reads a text in Prometheus' exposition format for tests.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

namespace canaryd::support {

// The value of a series. Its labels must be in alphabetical order: `canaryd_jobs{state="x"}`.
inline std::optional<double> value_of(const std::string& text, const std::string& series) {
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(series + " "))
      return std::strtod(line.c_str() + series.size() + 1, nullptr);
  }
  return std::nullopt;
}

// What a text says about one name.
struct family {
  std::string type;
  std::string help;
  // The names of its labels, without `le`, which every histogram has.
  std::set<std::string> labels;

  bool operator==(const family&) const = default;
};

// The word after `# HELP ` or `# TYPE `, and the rest of the line.
inline std::pair<std::string, std::string> split_comment(const std::string& line) {
  const auto end = line.find(' ', 7);
  return {line.substr(7, end - 7), line.substr(end + 1)};
}

// Every name of the text, with its help, its type and the labels of its series.
inline std::map<std::string, family> families_of(const std::string& text) {
  std::map<std::string, family> families;
  std::string present;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# HELP ")) {
      present = split_comment(line).first;
      families[present].help = split_comment(line).second;
    } else if (line.starts_with("# TYPE ")) {
      families[present].type = split_comment(line).second;
    } else {
      for (auto at = line.find("=\""); at != std::string::npos; at = line.find("=\"", at + 1)) {
        const auto before = line.find_last_of("{,", at) + 1;
        families[present].labels.insert(line.substr(before, at - before));
      }
      families[present].labels.erase("le");
    }
  }
  return families;
}

}  // namespace canaryd::support
