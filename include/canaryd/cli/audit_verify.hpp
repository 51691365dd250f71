// canaryctl audit verify: audit files looked at without a daemon.
#pragma once

#include "canaryd/cli/exit_code.hpp"
#include "canaryd/cli/output.hpp"

#include <string>
#include <vector>

namespace canaryd::cli {

// Says "ok, N records", or "FILE:LINE: what is wrong" for each line that was changed, removed or
// moved. The files are parts of one chain, in any order. failed where there is such a line, or a
// file cannot be read.
exit_code verify_audit(const std::vector<std::string>& files, const output& to);

}  // namespace canaryd::cli
