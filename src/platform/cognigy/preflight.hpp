// What has to be so before a canary is deployed. Pure.
#pragma once

#include "canaryd/platform/cognigy/codec.hpp"
#include "canaryd/platform/cognigy/route.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::platform::cognigy {

// What is wrong with the configured ids of a bot and environment; nothing where they can be used.
std::optional<std::string> find_problem(const route& way);

// What is wrong with an endpoint of the route, called "stable endpoint" or "canary endpoint":
// another project's, inactive, or without analytics. Nothing where it is fine.
std::optional<std::string> find_problem(const route& way, const endpoint& found,
                                        std::string_view called);
// The same of both endpoints, and of how they fit together.
std::optional<std::string> find_problem(const route& way, const endpoint& stable,
                                        const endpoint& canary);

// What the stable endpoint serves and the snapshot does not contain.
std::optional<std::string> find_missing(const endpoint& stable,
                                        const std::vector<listed_item>& flows,
                                        const std::vector<listed_item>& locales);

}  // namespace canaryd::platform::cognigy
