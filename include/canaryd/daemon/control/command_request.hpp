// Reads the body of a command: {"expect_state", "expect_step", "reason", "force"}, all optional.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/text/problem.hpp"

#include <expected>
#include <string_view>

namespace canaryd::daemon {

// Makes a command from the body, which may be empty. The caller must set its kind and actor.
// Returns all problems if there are any.
std::expected<canary::command, text::problem_list> parse_command(std::string_view body);

}  // namespace canaryd::daemon
