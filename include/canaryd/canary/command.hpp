// What an operator may ask of a canary, and what becomes of it (reference: "Commands").
#pragma once

#include "canaryd/canary/canary.hpp"

#include <string>

namespace canaryd::canary {

enum class command_effect : std::uint8_t {
  done,
  // The canary is already as the operator wants it. Nothing was changed.
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
  // The canary's state afterwards.
  canary_state state = canary_state::queued;
};

// What will become of the command: `done` if advance() will carry it out.
command_outcome judge_command(const canary& current, const command& given);

std::string_view to_string(command_kind what);

}  // namespace canaryd::canary
