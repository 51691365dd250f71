// Every path of the control socket, with its methods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

enum class place : std::uint8_t {
  health,
  ready,
  metrics,
  status,
  reload,
  events,
  jobs,
  job,
  readings,
  command,
};

struct route {
  // Without the slash in front; "*" is any one segment.
  std::string_view path;
  place what;
  // As the header Allow has it.
  std::string_view methods;
  // Also for those who are not known.
  bool is_public = false;
};

// The route of a path; null where there is none, or none for those who are not known.
const route* find_route(const std::vector<std::string>& path, bool is_known);

bool allows(const route& at, std::string_view method);

}  // namespace canaryd::daemon
