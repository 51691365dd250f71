// What HAProxy answers to `show stat`: a table in CSV. Pure; written after HAProxy 2.6.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/platform/splitter.hpp"

#include <string_view>

namespace canaryd::platform {

// Finds the backend's own row, whatever the order of the columns is. `start` is left empty, because
// the table does not say it. `refused`: there is no such backend. `lost`: the answer is cut off.
// `malformed`: a column is missing, or a value is no count.
result<backend_counters> read_backend_row(std::string_view answer, std::string_view backend);

}  // namespace canaryd::platform
