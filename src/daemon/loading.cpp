#include "canaryd/daemon/loading.hpp"

#include "canaryd/daemon/options.hpp"
#include "canaryd/text/split_json.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace canaryd::daemon {
namespace {

// Where systemd puts the credentials of the packaged unit.
constexpr auto credentials_of_the_service = "/run/credentials/canaryd.service";

load_result prepare(std::string text, config settings, const credential_sources& sources) {
  std::vector<std::string> lines;
  // A start reads it back as one file. Escapes may have made it longer.
  if (text.size() > max_config_bytes)
    lines.push_back(
        fmt::format("the configuration has, in one text, {} bytes, allowed are at most {}",
                    text.size(), max_config_bytes));
  auto keys = load_secrets(settings, sources);
  if (!keys)
    lines.push_back(keys.error().text);
  std::map<std::string, net::prepared_https> https;
  for (const auto& [name, each] : settings.platforms) {
    auto prepared = net::prepare_https(make_https_options(each));
    if (prepared)
      https.emplace(name, *std::move(prepared));
    else
      lines.push_back(prepared.error().text);
  }
  if (!lines.empty())
    return std::unexpected{std::move(lines)};
  return loaded_config{.text = std::move(text),
                       .settings = std::move(settings),
                       .keys = *std::move(keys),
                       .https = std::move(https)};
}

}  // namespace

load_result load_config(const std::string& file, const credential_sources& sources) {
  return load_config(text::read_split_file(file, max_config_bytes), sources);
}

load_result load_config(text::split_file files, const credential_sources& sources) {
  if (!files.problems.empty())
    return std::unexpected{std::move(files.problems)};
  const auto merged = text::split_json::merge(std::move(files.parts), max_config_bytes);
  if (!merged)
    return std::unexpected{merged.error()};
  text::problem_list problems;
  auto settings = read_config(merged->root(), sources.directory, problems);
  if (auto lines = merged->describe(problems); !lines.empty())
    return std::unexpected{std::move(lines)};
  return prepare(merged->text(), std::move(settings), sources);
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
