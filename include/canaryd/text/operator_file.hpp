// Reads files that an operator names.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/text/split_json.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace canaryd::text {

// Reads a regular file, which may be a link, and never waits for a FIFO. Returns only the first
// `most` + 1 bytes of a longer file: what reads them complains then. Fails with fault::system and
// "FILE: reason".
result<std::string> read_operator_file(const std::string& file, std::size_t most);

// The most files that FILE.d may have.
inline constexpr std::size_t max_further_parts = 256;

struct split_file {
  // Those that could be read: first FILE itself, then those of FILE.d.
  std::vector<json_part> parts;
  // A line for each file that could not be read.
  std::vector<std::string> problems;
};

// Reads FILE and, in the order of their names, the files FILE.d/*.json. Leaves out names that begin
// with a dot. It is no problem if there is no folder FILE.d. The parts of FILE.d have together with
// FILE at most `max_bytes`; of FILE alone, `max_bytes` + 1 bytes are returned if it is longer.
split_file read_split_file(const std::string& file, std::size_t max_bytes);

}  // namespace canaryd::text
