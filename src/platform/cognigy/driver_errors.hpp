// The errors that this driver makes of what it has read. Pure.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/platform/calls.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace canaryd::platform::cognigy {

inline std::unexpected<error> refuse(call which, std::string_view why) {
  return failure(fault::refused, fmt::format("{}: {}", to_string(which), why));
}

inline error in_call(call which, error problem) {
  problem.text = fmt::format("{}: {}", to_string(which), problem.text);
  return problem;
}

}  // namespace canaryd::platform::cognigy
