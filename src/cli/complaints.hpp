// What canaryctl says, and tells the shell, when a request did not do what it should.
#pragma once

#include "canaryd/cli/control_client.hpp"
#include "canaryd/cli/exit_code.hpp"
#include "canaryd/cli/output.hpp"

namespace canaryd::cli {

// No answer at all: no_daemon; an answer that is none: failed.
exit_code say_failure(const error& failure, const output& to);

// An answer other than 2xx: refused for 4xx, failed for the daemon's own trouble and for a file
// that is not a job.
exit_code say_refusal(const daemon_answer& answer, const output& to);

}  // namespace canaryd::cli
