// The body of a command: {"expect_state", "expect_step", "reason", "force"}, all optional.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/text/problem.hpp"

#include <expected>
#include <string_view>

namespace canaryd::daemon {

// A command with what the body says; its kind and actor are the caller's to set. An empty body says
// nothing. Otherwise: all problems.
std::expected<canary::command, text::problem_list> parse_command(std::string_view body);

}  // namespace canaryd::daemon
