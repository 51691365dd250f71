// Files as an operator names them.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstddef>
#include <string>

namespace canaryd::cli {

// The whole file, or its first `most` + 1 bytes where it is longer: what reads it complains then.
// fault::system with "FILE: reason".
result<std::string> read_file(const std::string& file, std::size_t most);

}  // namespace canaryd::cli
