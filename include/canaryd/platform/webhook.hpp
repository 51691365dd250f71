// A webhook as the API keeps it.
#pragma once

#include <string>
#include <vector>

namespace canaryd::platform {

struct webhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;

  bool operator==(const webhook&) const = default;
};

}  // namespace canaryd::platform
