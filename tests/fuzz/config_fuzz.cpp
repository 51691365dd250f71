// Any bytes as a configuration, in one file or two: refused with its problems, or one whose parts
// can be used.
#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/daemon/config/config.hpp"
#include "canaryd/net/url.hpp"
#include "canaryd/text/split_json.hpp"

#include "problems.hpp"
#include <algorithm>
#include <cstdint>

namespace canaryd::fuzz {
namespace {

constexpr std::string_view credentials = "/run/credentials/canaryd.service";
constexpr std::string_view smallest_job = R"({
  "bot_id": "bot", "environment_id": "env", "version": "1", "max_traffic_percentage": 10,
  "traffic_matrix": {"stable": 95, "canary": 5}
})";

void use(const daemon::platform_config& api) {
  require(net::parse_url(api.base_url).has_value(), "base_url is a URL");
  require(net::parse_url(api.token_url).has_value(), "token_url is a URL");
  require(api.client_id.empty() != api.client_id_file.empty(), "one client id is set");
  const platform::deployments::call_subject subject{
      .bot_id = "b", .environment_id = "e", .version = "v", .deployment_id = "d/ä"};
  for (std::size_t place = 0; place < platform::call_count; ++place) {
    const auto which = static_cast<platform::call>(place);
    const auto& shape = api.calls[which];
    if (which == platform::call::token || shape.path.empty())
      continue;
    require(!platform::deployments::find_problem(which, shape), "every call can be made");
    require(
        net::parse_url(api.base_url + platform::deployments::fill(shape.path, subject)).has_value(),
        "a call's path makes a URL");
  }
}

void use(const daemon::config& found) {
  for (const auto& [name, each] : found.platforms)
    use(each);
  // With or without defaults that fit this job: refused in words, or taken.
  const auto job = job::parse_job_file(smallest_job, daemon::make_job_rules(found, true));
  if (!job)
    require_sound(job.error());
}

void read_config(std::string_view bytes) {
  const auto found = daemon::parse_config(bytes, credentials);
  if (found)
    use(*found);
  else
    require_sound(found.error());
  for (const auto& folder : daemon::likely_state_dirs(bytes))
    require(folder.is_absolute(), "a state folder that is looked into has an absolute path");
}

// What is before the first zero byte and what is behind it as two files of a configuration.
void read_parts(std::string_view bytes) {
  const auto cut = std::min(bytes.find('\0'), bytes.size());
  const std::string further{cut == bytes.size() ? "{}" : bytes.substr(cut + 1)};
  const auto merged =
      text::split_json::merge({{"first", std::string{bytes.substr(0, cut)}}, {"further", further}},
                              daemon::max_config_bytes);
  if (!merged)
    return require(!merged.error().empty(), "what is refused has a reason");
  text::problem_list problems;
  const auto found = daemon::read_config(merged->root(), credentials, problems);
  if (!merged->describe(problems).empty())
    return;
  const auto again = daemon::parse_config(merged->text(), credentials);
  require(again && *again == found, "the one text that is kept says the same as the parts");
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  canaryd::fuzz::read_config(canaryd::fuzz::as_text(data, size));
  canaryd::fuzz::read_parts(canaryd::fuzz::as_text(data, size));
  return 0;
}
