// Takes the target of a request apart (RFC 3986, RFC 9112 sections 3.2.1 and 3.2.2).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

struct request_target {
  // "/v1/jobs/a%2Eb" is {"v1", "jobs", "a.b"}. The path is split before it is decoded.
  std::vector<std::string> path;
  // If a key appears more than once, the first one counts.
  std::map<std::string, std::string, std::less<>> query;
};

// Takes the absolute form ("http://host/v1/jobs") as well, with any host, because the client has
// connected here. Returns nothing if there is no path or if the percent-encoding is broken.
std::optional<request_target> parse_target(std::string_view text);

}  // namespace canaryd::daemon
