#include "canaryd/cli/output.hpp"

#include "canaryd/cli/screen.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <unistd.h>

namespace canaryd::cli {

namespace {

// If a result cannot be written, for instance because the disk is full, the command has failed.
void write_result(const output& to, std::string_view text) {
  if (!write_out(to.results, text))
    throw std::system_error{errno, std::generic_category()};
}

}  // namespace

output make_output(bool json) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
  output made{.json = json};
  const bool is_terminal = isatty(made.results) == 1 && !json;
  made.live = is_terminal && !dumb;
  made.look = make_style(is_terminal);
  return made;
}

void write_lines(const output& to, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  write_result(to, text);
}

void write_document(const output& to, const boost::json::value& document) {
  write_result(to, text::write_json(document, text::json_layout::compact) + "\n");
}

void complain(const output& to, std::string_view error, std::string_view detail) {
  write_out(to.complaints, fmt::format("canaryctl: {}\n", text::printable(detail)));
  if (to.json)
    write_document(to, boost::json::object{{"error", error}, {"detail", detail}});
}

}  // namespace canaryd::cli
