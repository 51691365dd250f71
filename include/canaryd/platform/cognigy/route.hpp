// Where a bot's canary runs, in one environment, and the shares of its splitter. Pure.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/platform/cognigy/settings.hpp"
#include "canaryd/platform/splitter.hpp"

#include <string>
#include <string_view>

namespace canaryd::platform::cognigy {

struct route {
  std::string bot_id;
  std::string environment_id;
  std::string project_id;
  environment_settings at;

  bool operator==(const route&) const = default;
};

// The route of a bot in an environment. Refused where it is not configured, or an id is none.
result<route> find_route(const settings& from, std::string_view bot_id,
                         std::string_view environment_id);

// A share in percent as the splitter counts it. Refused outside 0 to 100, and where a share above 0
// would be none.
result<basis_points> to_basis_points(double percent);
constexpr double to_percent(basis_points share) {
  return share / 100.0;
}

}  // namespace canaryd::platform::cognigy
