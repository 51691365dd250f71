// Lists every path of the control socket with its methods.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

enum class endpoint : std::uint8_t {
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
  // The path without the first slash; "*" matches any one segment.
  std::string_view path;
  endpoint what;
  // The value of the header Allow.
  std::string_view methods;
  // True if clients that are not known may use it.
  bool is_public = false;
};

// The route of a path; null if there is none, or if the client is not known and it is not public.
const route* find_route(const std::vector<std::string>& path, bool is_known);

bool allows(const route& at, std::string_view method);

}  // namespace canaryd::daemon
