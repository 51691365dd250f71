// The commands of canaryctl that ask the daemon once. Each of them returns no_daemon if there is no
// daemon or it does not answer, refused if it refuses the command or does not know the job, and
// failed if it cannot carry out the command.
#pragma once

#include "canaryd/cli/control_client.hpp"
#include "canaryd/cli/exit_code.hpp"
#include "canaryd/cli/output.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

enum class list_form : std::uint8_t {
  table,
  // One id on each line, for scripts.
  ids,
};

// Shows only the jobs in `state`, unless it is empty.
exit_code list_jobs(const control_client& daemon, list_form form, const std::string& state,
                    const output& to);
exit_code show_job(const control_client& daemon, const std::string& job_id, const output& to);
exit_code show_history(const control_client& daemon, const std::string& job_id, const output& to);
exit_code show_status(const control_client& daemon, const output& to);

// `command` is abort, pause, resume, approve or promote. `details` has expect_state, expect_step,
// reason and force, as far as they are given.
exit_code send_command(const control_client& daemon, std::string_view command,
                       const std::string& job_id, const boost::json::object& details,
                       const output& to);

// Makes the daemon read its configuration again, and waits for that. If the daemon refuses the
// configuration, prints every reason and returns refused.
exit_code reload(const control_client& daemon, const output& to);

// Hands each file to the daemon, and adds the ids of the accepted jobs to `job_ids`. Returns failed
// if a file is rejected.
exit_code submit(const control_client& daemon, const std::vector<std::string>& files,
                 std::vector<std::string>& job_ids, const output& to);

}  // namespace canaryd::cli
