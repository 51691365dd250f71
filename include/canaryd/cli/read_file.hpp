// Reads files that an operator names.
#pragma once

#include "canaryd/base/error.hpp"

#include <cstddef>
#include <string>

namespace canaryd::cli {

// Returns the whole file. If it is longer than `most`, returns its first `most` + 1 bytes, so that
// the parser complains. Fails as fault::system with "FILE: reason".
result<std::string> read_file(const std::string& file, std::size_t most);

}  // namespace canaryd::cli
