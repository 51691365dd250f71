#include "canaryd/daemon/starting.hpp"

#include "canaryd/daemon/accepted_config.hpp"
#include "canaryd/daemon/spool.hpp"

#include <fmt/format.h>

#include <utility>

namespace canaryd::daemon {
namespace {

std::string text_of(const std::string& file) {
  std::string why;
  auto content = read_linked(file, max_config_bytes, why);
  return content ? std::move(content->bytes) : std::string{};
}

}  // namespace

std::expected<start_config, std::vector<std::string>> load_for_start(
    const std::string& file, const credential_places& places) {
  auto given = load_config(file, places);
  if (given)
    return start_config{.given = *std::move(given), .refused = {}};
  const auto text = text_of(file);
  auto kept = find_accepted(likely_state_dirs(text), file);
  // What is missing beside the file is missing for the same text as well.
  if (!kept || kept->text == text)
    return std::unexpected{std::move(given.error())};
  auto accepted = load_config_text(std::move(kept->text), kept->kept_in, places);
  if (accepted)
    return start_config{.given = *std::move(accepted),
                        .refused = std::move(given.error()),
                        .accepted_at = kept->at};
  given.error().push_back(fmt::format("the configuration accepted before is refused as well: {}",
                                      accepted.error().front()));
  return std::unexpected{std::move(given.error())};
}

}  // namespace canaryd::daemon
