#include "canaryd/daemon/loading.hpp"

#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/daemon/options.hpp"

#include <cstdlib>
#include <utility>

namespace canaryd::daemon {
namespace {

// Where systemd puts the credentials of the packaged unit.
constexpr auto credentials_of_the_service = "/run/credentials/canaryd.service";

}  // namespace

load_result load_config(const std::string& file, const credential_places& places) {
  std::string why;
  auto content = read_linked(file, max_config_bytes, why);
  if (!content)
    return std::unexpected{std::vector{file + ": " + why}};
  return load_config_text(std::move(content->bytes), file, places);
}

load_result load_config_text(std::string text, const std::string& file,
                             const credential_places& places) {
  auto settings = parse_config(text, places.directory);
  std::vector<std::string> lines;
  if (!settings) {
    for (const auto& problem : settings.error())
      lines.push_back(text::describe(problem, file));
    return std::unexpected{std::move(lines)};
  }
  auto keys = load_secrets(*settings, places);
  if (!keys)
    lines.push_back(keys.error().text);
  std::map<std::string, net::prepared_https> https;
  for (const auto& [name, each] : settings->platforms) {
    auto prepared = net::prepare_https(make_https_options(each));
    if (prepared)
      https.emplace(name, *std::move(prepared));
    else
      lines.push_back(prepared.error().text);
  }
  if (!lines.empty())
    return std::unexpected{std::move(lines)};
  return loaded_config{.text = std::move(text),
                       .settings = *std::move(settings),
                       .keys = *std::move(keys),
                       .https = std::move(https)};
}

credential_places own_credentials() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return {.directory = directory == nullptr ? "" : directory};
}

credential_places credentials_for_check() {
  auto places = own_credentials();
  if (!places.directory.empty())
    return places;
  return {.directory = credentials_of_the_service, .required = false};
}

}  // namespace canaryd::daemon
