#include "canaryd/daemon/tell/event_table.hpp"

#include <fmt/format.h>

#include <iterator>

namespace canaryd::daemon {
namespace {

// roff does not take a bare hyphen for a minus, and people copy options from the page.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '-')
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// The catalog's subjects name the job; the manual's cannot.
std::string without_placeholders(std::string_view subject) {
  constexpr std::string_view name = " @CANARY_JOB@";
  std::string text{subject};
  const auto at = text.find(name);
  if (at == std::string::npos)
    return text;
  text.erase(at, name.size());
  return text.starts_with("Job ") ? "A job " + text.substr(4) : text;
}

}  // namespace

std::string write_catalog() {
  std::string text;
  for (const auto& kind : event_table()) {
    fmt::format_to(std::back_inserter(text),
                   "-- {}\nSubject: {}\nDefined-By: canaryd\nDocumentation: man:canaryd(8)\n\n{}\n",
                   kind.message_id, kind.subject, kind.meaning);
    if (!kind.advice.empty())
      fmt::format_to(std::back_inserter(text), "\n{}\n", kind.advice);
    text += '\n';
  }
  return text;
}

std::string write_manual_section() {
  std::string text;
  for (const auto& kind : event_table()) {
    fmt::format_to(std::back_inserter(text), ".TP\n.B {}\nMESSAGE_ID={}\n.br\n{}{}{}\n",
                   roff(without_placeholders(kind.subject)), kind.message_id, roff(kind.meaning),
                   kind.advice.empty() ? "" : "\n", roff(kind.advice));
  }
  return text;
}

}  // namespace canaryd::daemon
