// What a refused job file leaves in rejected/: the file as it was, and why (reference: "Folders").
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/daemon/intake/spool.hpp"
#include "canaryd/text/problem.hpp"

#include <filesystem>
#include <optional>

namespace canaryd::daemon {

// Moves the file to rejected/ and writes `<stem>.error.json` beside it; the n-th file of a name
// gets `<stem>.<n>` for both. Only the very file that `read` tells of is moved: false, and nothing
// was done, where another has taken its place. Without `read`, whatever is there.
result<bool> reject_file(const spool& where, const std::filesystem::path& file,
                         const std::optional<store::file_identity>& read,
                         const text::problem_list& problems);

}  // namespace canaryd::daemon
