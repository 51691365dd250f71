// The exit codes of canaryctl (reference: "Exit codes").
#pragma once

namespace canaryd::cli {

enum exit_code : int {
  fine = 0,
  // The daemon refused a command, or a canary that was waited for was rolled back.
  refused = 1,
  // The command failed, a file was rejected, or a canary that was waited for failed.
  failed = 2,
  no_daemon = 3,
  usage = 64,
};

// With several files or jobs, the worst code counts.
inline exit_code worse(exit_code one, exit_code other) {
  return one < other ? other : one;
}

}  // namespace canaryd::cli
