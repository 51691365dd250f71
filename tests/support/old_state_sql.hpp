// The statements that make the state of a former program (tests/simulation/old_state/README.md).
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace canaryd::support {

inline std::string old_state_sql() {
  std::set<std::filesystem::path> parts;
  for (const auto& each :
       std::filesystem::directory_iterator{CANARYD_SOURCE_DIR "/tests/simulation/old_state"}) {
    if (each.path().extension() == ".sql")
      parts.insert(each.path());
  }
  std::string all;
  for (const auto& part : parts) {
    std::ifstream in{part};
    all.append(std::istreambuf_iterator<char>{in}, {});
  }
  return all;
}

}  // namespace canaryd::support
