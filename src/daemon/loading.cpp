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

load_result load_config(const std::string& file, const credential_sources& sources) {
  std::string why;
  auto content = read_linked(file, max_config_bytes, why);
  if (!content)
    return std::unexpected{std::vector{file + ": " + why}};
  return load_config_text(std::move(content->bytes), file, sources);
}

load_result load_config_text(std::string text, const std::string& file,
                             const credential_sources& sources) {
  auto settings = parse_config(text, sources.directory);
  std::vector<std::string> lines;
  if (!settings) {
    for (const auto& problem : settings.error())
      lines.push_back(text::describe(problem, file));
    return std::unexpected{std::move(lines)};
  }
  auto keys = load_secrets(*settings, sources);
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

credential_sources own_credentials() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return {.directory = directory == nullptr ? "" : directory};
}

credential_sources credentials_for_check() {
  auto sources = own_credentials();
  if (!sources.directory.empty())
    return sources;
  return {.directory = credentials_of_the_service, .required = false};
}

}  // namespace canaryd::daemon
