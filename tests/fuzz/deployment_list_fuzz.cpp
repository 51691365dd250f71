// Any bytes as the pages of a list: the first line is a Link header, the second a present URL's
// target, and the rest the body, whose `next` is followed.
#include "canaryd/platform/deployments/call_table.hpp"
#include "canaryd/platform/deployments/codec.hpp"
#include "canaryd/text/text.hpp"

#include "page_link.hpp"
#include "require.hpp"
#include <algorithm>
#include <cstdint>

namespace canaryd::fuzz {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void require_one_segment(const std::string& id) {
  constexpr std::string_view path = "/deployments/{deployment_id}/rollback";
  const platform::deployments::call_subject subject{
      .bot_id = "b", .environment_id = "e", .version = "v", .deployment_id = id};
  require(!platform::deployments::find_lost_segment(path, subject),
          "an id that was read can be sent");
  const auto filled = platform::deployments::fill(path, subject);
  require(std::ranges::count(filled, '/') == 3, "an id is one segment of the path");
  require(filled.find_first_of("?#\\ ") == std::string::npos, "an id ends no path");
  const auto target = net::parse_url("https://host" + filled);
  require(target && target->target == filled, "a path with an id makes a URL");
}

template <class T>
void require_sound(const platform::deployments::parsed<platform::deployments::page<T>>& found) {
  if (!found)
    return require(!found.error().empty(), "a refused list has a reason");
  require(found->unreadable.empty() == found->problem.empty(),
          "what is passed over has a reason, and nothing else has");
  require(text::printable_excerpt(found->problem, found->problem.size()) == found->problem,
          "what may be logged can be printed");
}

void read_deployments(
    const platform::deployments::parsed<platform::deployments::page<canary::deployment>>& found) {
  require_sound(found);
  if (!found)
    return;
  for (const auto& each : found->items) {
    require(!each.id.empty(), "a deployment in a list has an id");
    require_one_segment(each.id);
    const double share = each.canary_percent.value_or(0.0);
    require(share >= 0.0 && share <= 100.0, "a share is 0..100");
  }
}

// However the pages name each other, they end, and stay where the first one is.
void walk(std::string_view target, std::string_view next, std::string_view link) {
  const auto first = net::parse_url("https://api.example.com:8443/" + std::string{target});
  if (!first)
    return;
  platform::page_walk pages{*first};
  for (std::size_t turn = 0;; ++turn) {
    require(turn < platform::page_walk::most_pages, "a list has an end");
    const auto goes_on = pages.advance(next, link);
    if (!goes_on)
      return require(text::printable_excerpt(goes_on.error().text, goes_on.error().text.size()) ==
                         goes_on.error().text,
                     "what may be logged can be printed");
    if (!*goes_on)
      return;
    const auto& present = pages.present();
    require(present.scheme == first->scheme && present.host == first->host &&
                present.port == first->port,
            "no page is at another origin");
    require(net::parse_url("https://api.example.com:8443" + present.target).has_value(),
            "the next page has a URL");
  }
}

void read_list(std::string_view bytes) {
  const std::string header{take_line(bytes)};
  const auto target = take_line(bytes);
  const auto link = platform::find_next_link({{.name = "Link", .value = header}});
  const auto deployments = platform::deployments::parse_deployments(bytes);
  read_deployments(deployments);
  require_sound(platform::deployments::parse_webhooks(bytes));
  require_sound(platform::deployments::parse_versions(bytes));
  walk(target, deployments ? deployments->next : std::string{}, link);
  walk(target, header, {});
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::read_list(canaryd::fuzz::as_text(data, size));
  return 0;
}
