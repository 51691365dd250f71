// The commands of canaryctl that ask the daemon once. All: no_daemon where there is none or it does
// not answer, refused for what it refuses (also a job that it does not know), failed for what it
// cannot do.
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
  // An id a line, for scripts.
  ids,
};

// With `state`, only the jobs in it.
exit_code list_jobs(const control_client& daemon, list_form form, const std::string& state,
                    const output& to);
exit_code show_job(const control_client& daemon, const std::string& job_id, const output& to);
exit_code show_history(const control_client& daemon, const std::string& job_id, const output& to);
exit_code show_status(const control_client& daemon, const output& to);

// `command` is abort, pause, resume, approve or promote; `details` its expect_state, expect_step,
// reason and force, each only where it is given.
exit_code send_command(const control_client& daemon, std::string_view command,
                       const std::string& job_id, const boost::json::object& details,
                       const output& to);

// Has the daemon read its configuration again, and waits for it. refused, with every reason, where
// nothing of it is taken.
exit_code reload(const control_client& daemon, const output& to);

// Hands each file to the daemon. The ids of the jobs that it took are added to `job_ids`. failed
// where one is not a job.
exit_code submit(const control_client& daemon, const std::vector<std::string>& files,
                 std::vector<std::string>& job_ids, const output& to);

}  // namespace canaryd::cli
