#include "canaryd/daemon/control/request_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace canaryd::daemon {
namespace {

namespace urls = boost::urls;

// Returns the target without scheme and authority, or an empty text if it is no target. Boost.URL
// can read the absolute form, but 1.81 takes the text after a port for a path ("http://host:80x").
std::string origin_form(std::string_view text) {
  if (text.starts_with('/'))
    return std::string{text};
  const auto separator = text.find("://");
  const auto scheme = urls::string_to_scheme(text.substr(0, separator));
  if (separator == std::string_view::npos ||
      (scheme != urls::scheme::http && scheme != urls::scheme::https))
    return {};
  const auto rest = text.substr(separator + 3);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (end == 0)
    return {};
  return std::string{rest.substr(end).starts_with('/') ? "" : "/"}.append(rest.substr(end));
}

}  // namespace

std::optional<request_target> parse_target(std::string_view text) {
  const auto path = origin_form(text);
  const auto asked = urls::parse_origin_form(path);
  if (!asked)
    return std::nullopt;
  request_target target;
  for (const auto segment : asked->encoded_segments())
    target.path.push_back(segment.decode());
  // For Boost.URL "/" has no segment. Here it has an empty one.
  if (target.path.empty())
    target.path.emplace_back();
  for (const auto& each : asked->encoded_params())
    target.query.emplace(each.key.decode(), each.value.decode());
  return target;
}

}  // namespace canaryd::daemon
