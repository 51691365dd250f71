// Says why a request failed, and which exit code that gives.
#pragma once

#include "canaryd/cli/control_client.hpp"
#include "canaryd/cli/exit_code.hpp"
#include "canaryd/cli/output.hpp"

namespace canaryd::cli {

// There was no usable answer. Returns failed if the answer was malformed, otherwise no_daemon.
exit_code say_failure(const error& failure, const output& to);

// The answer was not 2xx. Returns failed for the daemon's own trouble (5xx) and for a rejected job
// file, otherwise refused.
exit_code say_refusal(const daemon_answer& answer, const output& to);

}  // namespace canaryd::cli
