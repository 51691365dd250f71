#include "canaryd/platform/cognigy/route.hpp"

#include "canaryd/text/text.hpp"

#include <fmt/format.h>

#include "preflight.hpp"
#include <cmath>

namespace canaryd::platform::cognigy {

result<route> find_route(const settings& from, std::string_view bot_id,
                         std::string_view environment_id) {
  const auto bot = from.bots.find(bot_id);
  if (bot == from.bots.end())
    return failure(fault::refused,
                   fmt::format("bot {} is not configured for this platform", bot_id));
  const auto environment = bot->second.environments.find(environment_id);
  if (environment == bot->second.environments.end())
    return failure(fault::refused, fmt::format("environment {} of bot {} is not configured",
                                               environment_id, bot_id));
  route way{.bot_id = std::string{bot_id},
            .environment_id = std::string{environment_id},
            .project_id = bot->second.project_id,
            .at = environment->second};
  if (const auto problem = find_problem(way))
    return failure(fault::refused, *problem);
  return way;
}

result<basis_points> to_basis_points(double percent) {
  constexpr double per_percent = 100.0;
  if (!(percent >= 0.0 && percent <= 100.0))
    return failure(fault::refused, "a share is not within 0 to 100 percent");
  const auto share = static_cast<basis_points>(std::lround(percent * per_percent));
  if (share == 0 && percent > 0.0)
    return failure(fault::refused,
                   fmt::format("the splitter cannot give {}% of the sessions: the least is 0.01%",
                               text::shortest_decimal(percent)));
  return share;
}

}  // namespace canaryd::platform::cognigy
