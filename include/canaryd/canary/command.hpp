// What an operator may ask of a canary, and what becomes of it (reference: "Commands").
#pragma once

#include "canaryd/canary/canary.hpp"

#include <string>

namespace canaryd::canary {

enum class command_effect : std::uint8_t {
  done,
  // It is so already: nothing was changed.
  already,
  // Not possible in this state, or the canary is not where the operator believed.
  refused,
  unknown_job,
  // The state cannot be written at present.
  not_written,
};

struct command_outcome {
  command_effect effect = command_effect::refused;
  // Why it is not `done`, in words.
  std::string detail;
  // Of the canary, afterwards.
  canary_state state = canary_state::queued;
};

// What advance() will make of the command: `done` where it will carry it out.
command_outcome judge_command(const canary& current, const command& given);

std::string_view to_string(command_kind what);

}  // namespace canaryd::canary
