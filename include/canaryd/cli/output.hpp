// Says where canaryctl writes, and in which form.
#pragma once

#include "canaryd/cli/style.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace canaryd::cli {

struct output {
  int results = 1;
  int complaints = 2;
  // Write JSON instead of text.
  bool json = false;
  // True if `results` is a terminal that understands escape sequences.
  bool live = false;
  style look;
};

// Uses the descriptors 1 and 2, and looks at $TERM and $NO_COLOR.
output make_output(bool json);

void write_lines(const output& to, const std::vector<std::string>& lines);
// Writes one compact document on a line of its own.
void write_document(const output& to, const boost::json::value& document);
// Writes "canaryctl: …" to the complaints. With --json it also writes {"error", "detail"} to the
// results.
void complain(const output& to, std::string_view error, std::string_view detail);

}  // namespace canaryd::cli
