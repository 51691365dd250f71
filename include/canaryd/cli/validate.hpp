// canaryctl validate: checks job files without a daemon.
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
  // If it is empty, the daemon would take the file.
  text::problem_list problems;
  text::problem_list warnings;
  // How many polls the job asks for in the period of its platform's rate budget. 0 if it is no job.
  double polls = 0;
  // Empty if the file is no job.
  std::string platform = {};
};

// Checks the file `file`, whose content is `bytes`. Its name is checked as well.
checked_file check_file(std::string_view file, std::string_view bytes,
                        const site_settings& settings);

// Writes "FILE:LINE:COLUMN: message", with "warning: " in front of the message of a warning.
std::vector<std::string> describe(const checked_file& checked);

// Writes [{"pointer", "message", "line", "column"}].
boost::json::array to_json(const text::problem_list& problems);

// Says what is wrong with each file. If the files together ask for more polls than the rate budget
// allows, the first file that exceeds it gets a warning. Returns failed if a file is not a job, and
// with `strict` also if there are warnings.
exit_code validate(const std::vector<std::string>& files, const site_settings& settings,
                   bool strict, const output& to);

}  // namespace canaryd::cli
