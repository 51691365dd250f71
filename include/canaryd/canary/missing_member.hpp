// What a stored canary cannot do without.
#pragma once

#include "canaryd/canary/canary.hpp"
#include "canaryd/job/job.hpp"

#include <optional>
#include <string>

namespace canaryd::canary {

// A member without which a canary in this state cannot go on: without the end of its hold it would
// be promoted at once. Nothing where it has them all.
std::optional<std::string> missing_member(const job::job& spec, const canary& stored);

}  // namespace canaryd::canary
