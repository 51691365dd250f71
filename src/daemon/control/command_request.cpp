#include "canaryd/daemon/control/command_request.hpp"

#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/text.hpp"

namespace canaryd::daemon {
namespace {

constexpr std::size_t max_body_bytes = 16UL * 1024UL;
constexpr std::size_t max_reason_characters = 500;
constexpr std::size_t max_reason_bytes = 4 * max_reason_characters;
constexpr std::int64_t max_step = 1000;

bool is_short(std::string_view text) {
  return text::is_valid_utf8(text) && text::code_points(text) <= max_reason_characters;
}

bool is_state(std::string_view text) {
  for (std::size_t i = 0; i < canary::state_count; ++i) {
    if (text == to_string(static_cast<canary::canary_state>(i)))
      return true;
  }
  return false;
}

canary::command read_members(const boost::json::object& object, text::problem_list& problems) {
  canary::command given;
  std::string state;
  std::int32_t step = 0;
  text::json_fields in{object, "", problems};
  if (in.read("expect_state", state, text::text_of("a state's word", 1, 64, is_state)))
    given.expect_state = state;
  if (in.read("expect_step", step, text::whole_number(1, max_step)))
    given.expect_step = step;
  in.read("reason", given.reason,
          text::text_of("text of at most 500 characters", 0, max_reason_bytes, is_short));
  in.read("force", given.force, text::boolean());
  in.refuse_unknown_keys();
  given.reason = text::printable_excerpt(given.reason, max_reason_characters);
  return given;
}

}  // namespace

std::expected<canary::command, text::problem_list> parse_command(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return canary::command{};
  return text::read_json_file(body, max_body_bytes, read_members);
}

}  // namespace canaryd::daemon
