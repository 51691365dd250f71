// The chain of the audit file: each line has its number and the SHA-256 of the line before, so that
// a line that was changed, removed or moved is found (reference: "Audit file").
#pragma once

#include "canaryd/base/error.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace canaryd::canary {

// The last line of a chain, which the next line follows.
struct chain_end {
  // The number of the line; 0 if there is none yet.
  std::int64_t sequence = 0;
  // 64 hexadecimal digits, of the line without its newline; empty if there is none yet.
  std::string sha256;

  bool operator==(const chain_end&) const = default;
};

struct chain_line {
  std::string record_id;
  // From 1 to 2^53, over all files of the chain.
  std::int64_t sequence = 0;
  // Empty in the first line of a chain.
  std::string prev_sha256;
};

// Reads a line without its newline. Fails with fault::malformed if it is not a line of a chain.
result<chain_line> read_chain_line(std::string_view line);

// The SHA-256 of what a line or a record says, without its place in the chain and its `source`,
// which names the version that wrote it. Empty if it is not a JSON object.
std::string content_sha256(std::string_view line);

// Returns the line, without a newline, of a record that follows `end`, and moves `end` on to that
// line.
std::string continue_chain(boost::json::object record, chain_end& end);

// The end of a chain whose last line is `line`, even if that cannot be read, and which ended with
// `before` without it.
chain_end end_with(std::string_view line, const chain_end& before);

}  // namespace canaryd::canary
