// canaryctl validate: job files looked at without a daemon.
#pragma once

#include "canaryd/cli/exit_code.hpp"
#include "canaryd/cli/output.hpp"
#include "canaryd/cli/site_settings.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

struct checked_file {
  std::string file;
  // Empty: the daemon would take it.
  text::problem_list problems;
  text::problem_list warnings;
  // Polls in the time of the rate budget of its platform; 0 where it is no job.
  double polls = 0;
  // Empty where it is no job.
  std::string platform = {};
};

// `bytes` are those of the file of that name: its last part is checked as well.
checked_file check_file(std::string_view file, std::string_view bytes,
                        const site_settings& settings);

// "FILE:LINE:COLUMN: message", with "warning: " in front of the message of a warning.
std::vector<std::string> describe(const checked_file& checked);

// [{"pointer", "message", "line", "column"}].
boost::json::array to_json(const text::problem_list& problems);

// Says what is wrong with each file; where they are fine one by one and together ask for more polls
// than the rate budget has, a warning at the file that passes it. failed where a file is not a job,
// with `strict` also where there are warnings.
exit_code validate(const std::vector<std::string>& files, const site_settings& settings,
                   bool strict, const output& to);

}  // namespace canaryd::cli
