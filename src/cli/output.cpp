#include "canaryd/cli/output.hpp"

#include "canaryd/cli/screen.hpp"
#include "canaryd/core/json_write.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <unistd.h>

namespace canaryd::cli {

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
  write_out(to.results, text);
}

void write_document(const output& to, const boost::json::value& document) {
  write_out(to.results, core::write_json(document, core::json_layout::compact) + "\n");
}

void complain(const output& to, std::string_view error, std::string_view detail) {
  write_out(to.complaints, fmt::format("canaryctl: {}\n", detail));
  if (to.json)
    write_document(to, boost::json::object{{"error", error}, {"detail", detail}});
}

}  // namespace canaryd::cli
