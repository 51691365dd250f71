// Puts a refused job file into rejected/, with the reasons (reference: "Folders").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/text/problem.hpp"

#include <filesystem>
#include <optional>

namespace canaryd::daemon {

// Moves the file to rejected/ and writes `<stem>.error.json` beside it. The n-th file of a name
// gets `<stem>.<n>` for both. Moves only the file that `read` identifies: if another file has taken
// its place, does nothing and returns false. Without `read`, moves whatever is there.
result<bool> reject_file(const spool& where, const std::filesystem::path& file,
                         const std::optional<store::file_identity>& read,
                         const text::problem_list& problems);

}  // namespace canaryd::daemon
