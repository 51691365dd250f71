#include "canaryd/daemon/config/config_health.hpp"

#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

json::array array_of(const std::vector<std::string>& texts) {
  json::array made;
  for (const auto& text : texts)
    made.push_back(json::value(text));
  return made;
}

}  // namespace

std::string config_health::text() const {
  if (problems_.empty())
    return {};
  const auto others = problems_.size() - 1;
  return fmt::format(
      "the configuration file is refused, and the one accepted at {} stays in force: {}{}",
      text::format_wall_time(accepted_at_), problems_.front(),
      others == 0 ? "" : fmt::format(" (and {} more)", others));
}

json::object config_health::view() const {
  return {{"accepted_at", text::format_wall_time(accepted_at_)},
          {"problems", array_of(problems_)},
          {"needs_restart", array_of(needs_restart_)}};
}

}  // namespace canaryd::daemon
