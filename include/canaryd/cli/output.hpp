// Where canaryctl writes and in which form.
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
  // JSON instead of text.
  bool json = false;
  // `results` is a terminal that understands escape sequences.
  bool live = false;
  style look;
};

// As the descriptors 1 and 2, $TERM and $NO_COLOR have it.
output make_output(bool json);

void write_lines(const output& to, const std::vector<std::string>& lines);
// One document, compact, on a line of its own.
void write_document(const output& to, const boost::json::value& document);
// To the complaints: "canaryctl: …"; with --json also {"error", "detail"} to the results.
void complain(const output& to, std::string_view error, std::string_view detail);

}  // namespace canaryd::cli
