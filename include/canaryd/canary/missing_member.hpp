// What a stored canary cannot do without.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"

#include <optional>
#include <string>

namespace canaryd::canary {

// Names a member that is missing and without which a canary in this state cannot go on. For
// example, it would be promoted at once without the end of its hold. Empty if nothing is missing.
std::optional<std::string> missing_member(const job::job& spec, const canary& stored);

}  // namespace canaryd::canary
