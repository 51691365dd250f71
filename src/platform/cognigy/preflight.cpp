#include "preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace canaryd::platform::cognigy {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool names(const endpoint& found, std::string_view word) {
  return lower_case(found.name).contains(word);
}

// The API cannot tell which endpoint people talk to, but its name may.
bool look_swapped(const endpoint& stable, const endpoint& canary) {
  const bool is_stable_called_canary = names(stable, "canary") && !names(canary, "canary");
  const bool is_canary_called_stable = names(canary, "stable") && !names(stable, "stable");
  return is_stable_called_canary || is_canary_called_stable;
}

bool contains(const std::vector<listed_item>& items, std::string_view reference_id) {
  return std::ranges::find(items, reference_id, &listed_item::reference_id) != items.end();
}

}  // namespace

std::optional<std::string> find_problem(const route& way) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> ids{
      {{"project_id", &way.project_id},
       {"stable_endpoint", &way.at.stable_endpoint},
       {"canary_endpoint", &way.at.canary_endpoint}}};
  for (const auto& [name, id] : ids) {
    if (!is_object_id(*id))
      return fmt::format("the {} of bot {} is not 24 hexadecimal digits", name, way.bot_id);
  }
  if (way.at.stable_endpoint == way.at.canary_endpoint)
    return fmt::format("stable_endpoint and canary_endpoint of bot {} are the same", way.bot_id);
  if (way.at.map_key.empty())
    return fmt::format("bot {} has no map_key", way.bot_id);
  if (way.at.stable_backend.empty() || way.at.canary_backend.empty())
    return fmt::format("bot {} has no stable_backend or no canary_backend", way.bot_id);
  return std::nullopt;
}

std::optional<std::string> find_problem(const route& way, const endpoint& found,
                                        std::string_view called) {
  if (found.project_id != way.project_id)
    return fmt::format("the {} {} is of project {}, and not of {}", called, found.id,
                       found.project_id.empty() ? "(none)" : found.project_id, way.project_id);
  if (!found.active)
    return fmt::format("the {} {} is not active", called, found.id);
  if (!found.use_analytics)
    return fmt::format("the {} {} has no analytics (useAnalytics), so nobody could watch it",
                       called, found.id);
  if (found.url_token.empty())
    return fmt::format("the {} {} has no URLToken", called, found.id);
  return std::nullopt;
}

std::optional<std::string> find_problem(const route& way, const endpoint& stable,
                                        const endpoint& canary) {
  if (auto problem = find_problem(way, stable, "stable endpoint"))
    return problem;
  if (auto problem = find_problem(way, canary, "canary endpoint"))
    return problem;
  if (stable.channel != canary.channel)
    return fmt::format("the stable endpoint is of channel {}, and the canary endpoint of {}",
                       stable.channel, canary.channel);
  if (stable.url_token == canary.url_token)
    return "both endpoints have the same URLToken";
  if (look_swapped(stable, canary))
    return fmt::format(
        "the endpoints look swapped: stable_endpoint is called \"{}\", and canary_endpoint \"{}\"",
        stable.name, canary.name);
  if (stable.flow_id.empty() || stable.locale_id.empty())
    return fmt::format("the stable endpoint {} has no flow or no locale", stable.id);
  return std::nullopt;
}

std::optional<std::string> find_missing(const endpoint& stable,
                                        const std::vector<listed_item>& flows,
                                        const std::vector<listed_item>& locales) {
  if (!contains(flows, stable.flow_id))
    return fmt::format("the snapshot does not contain the stable endpoint's flow {}",
                       stable.flow_id);
  if (!contains(locales, stable.locale_id))
    return fmt::format("the snapshot does not contain the stable endpoint's locale {}",
                       stable.locale_id);
  return std::nullopt;
}

}  // namespace canaryd::platform::cognigy
