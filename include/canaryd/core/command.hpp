// What an operator asks of one canary, and what became of it (SPEC sections 5 and 8).
#pragma once

#include "canaryd/core/canary.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace canaryd::core {

enum class command_kind : std::uint8_t { abort, pause, resume, approve, promote };

struct command {
  command_kind what = command_kind::abort;
  // Who gives it: "name(uid)".
  std::string actor;
  // The operator's words, at most 500 characters.
  std::string reason;
  // What the operator believes: a state word, and the step, from 1. Refused where it is otherwise.
  std::optional<std::string> expect_state;
  std::optional<std::int32_t> expect_step;
  bool force = false;
};

enum class command_fate : std::uint8_t { done, already, refused, unknown_job, not_written };

struct command_outcome {
  command_fate fate = command_fate::done;
  // Why it was refused, or could not be written.
  std::string detail;
  // The canary's, after the command.
  canary_state state = canary_state::queued;
};

}  // namespace canaryd::core
