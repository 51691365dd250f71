#include "canaryd/daemon/starting.hpp"

#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/text/json_text.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/operator_file.hpp"
#include "canaryd/text/split_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

// All that the files say, for finding one key in it.
std::string everything_in(const std::vector<text::json_part>& parts) {
  std::string all;
  for (const auto& part : parts)
    all += part.bytes + '\n';
  return all;
}

// Comments and the division into files do not matter.
bool says_the_same(const std::string& text, const std::vector<text::json_part>& parts) {
  if (parts.empty())
    return false;
  const auto merged = text::split_json::merge(parts, max_config_bytes);
  const auto parsed = text::parse_operator_json(text, max_config_bytes);
  return merged && parsed && parsed->root == merged->root();
}

// Removes the keys that this program does not know from a text that an older or newer one accepted:
// a change of the program's version must not leave canaries unwatched. If anything else is wrong,
// returns the text unchanged.
std::string without_unknown_keys(const std::string& text, const credential_sources& sources) {
  const auto refused = parse_config(text, sources.directory);
  auto parsed = text::parse_operator_json(text, max_config_bytes);
  if (refused || !parsed)
    return text;
  for (const auto& problem : refused.error()) {
    const auto slash = problem.pointer.rfind('/');
    if (!problem.message.starts_with("unknown key") || slash == std::string::npos)
      return text;
    json::error_code absent;
    auto* holder = parsed->root.find_pointer(problem.pointer.substr(0, slash), absent);
    if (holder != nullptr && holder->is_object())
      holder->get_object().erase(problem.pointer.substr(slash + 1));
  }
  return text::write_json(parsed->root, text::json_layout::compact);
}

}  // namespace

std::expected<start_config, std::vector<std::string>> load_for_start(
    const std::string& file, const credential_sources& sources) {
  const auto files = text::read_split_file(file, max_config_bytes);
  auto given = load_config(files, sources);
  if (given)
    return start_config{.given = *std::move(given), .refused = {}};
  const auto kept = find_accepted(likely_state_dirs(everything_in(files.parts)), file);
  if (!kept)
    return std::unexpected{std::move(given.error())};
  auto accepted = load_config(
      {.parts = {{kept->kept_in, without_unknown_keys(kept->text, sources)}}, .problems = {}},
      sources);
  if (accepted)
    return start_config{.given = *std::move(accepted),
                        .refused = std::move(given.error()),
                        .accepted_at = kept->at};
  if (!says_the_same(kept->text, files.parts))
    given.error().push_back(fmt::format("the configuration accepted before is refused as well: {}",
                                        accepted.error().front()));
  return std::unexpected{std::move(given.error())};
}

}  // namespace canaryd::daemon
