// Any bytes as what a client of the control socket sends: as the target of a request, and as the
// body of a command.
#include "canaryd/daemon/control/command_request.hpp"
#include "canaryd/daemon/control/request_target.hpp"
#include "canaryd/text/text.hpp"

#include "problems.hpp"
#include <cstdint>

namespace canaryd::fuzz {
namespace {

void read_target(std::string_view bytes) {
  const auto target = daemon::parse_target(bytes);
  if (!target)
    return;
  require(bytes.starts_with('/') || bytes.contains("://"), "a target has a path");
  require(!target->path.empty(), "a path has a part");
  std::size_t length = 0;
  for (const auto& part : target->path)
    length += part.size();
  for (const auto& [key, value] : target->query)
    length += key.size() + value.size();
  require(length < bytes.size(), "what is taken apart is no longer than the whole");
}

void read_command(std::string_view bytes) {
  const auto given = daemon::parse_command(bytes);
  if (!given)
    return require_sound(given.error());
  require(text::code_points(given->reason) <= 500, "the operator's words are few");
  require(text::printable_excerpt(given->reason, given->reason.size()) == given->reason,
          "the operator's words can be printed");
  require(given->expect_step.value_or(1) >= 1, "steps count from 1");
}

}  // namespace
}  // namespace canaryd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = canaryd::fuzz::as_text(data, size);
  canaryd::fuzz::read_target(bytes);
  canaryd::fuzz::read_command(bytes);
  return 0;
}
