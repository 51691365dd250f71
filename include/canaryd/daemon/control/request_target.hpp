// The target of a request, taken apart (RFC 3986, RFC 9112 sections 3.2.1 and 3.2.2).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

struct request_target {
  // "/v1/jobs/a%2Eb" is {"v1", "jobs", "a.b"}; percent-encoding is resolved after the path is
  // split.
  std::vector<std::string> path;
  // Of keys that are there more than once the first counts.
  std::map<std::string, std::string, std::less<>> query;
};

// Also of the absolute form ("http://host/v1/jobs"), whatever host it names: who asks has connected
// here. Nothing for what has no path, or broken percent-encoding.
std::optional<request_target> parse_target(std::string_view text);

}  // namespace canaryd::daemon
