// The body of a command: {"expect_state", "expect_step", "reason", "force"}, all optional.
#pragma once

#include "canaryd/core/canary.hpp"
#include "canaryd/core/problem.hpp"

#include <expected>
#include <string_view>

namespace canaryd::daemon {

// A command with what the body says; its kind and actor are the caller's to set. An empty body says
// nothing. Otherwise: all problems.
std::expected<core::command, core::problem_list> parse_command(std::string_view body);

}  // namespace canaryd::daemon
