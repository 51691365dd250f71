// All events are sent from this file, so its name and line would say nothing.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "canaryd/daemon/tell/journal.hpp"

#include "canaryd/daemon/tell/event_table.hpp"
#include "canaryd/daemon/tell/log_outputs.hpp"

#include <fmt/format.h>
#include <systemd/sd-journal.h>

#include <sys/uio.h>
#include <syslog.h>

namespace canaryd::daemon {
namespace {

int priority_of(severity level) {
  switch (level) {
    case severity::debug:
      return LOG_DEBUG;
    case severity::info:
      return LOG_INFO;
    case severity::warning:
      return LOG_WARNING;
    case severity::error:
      return LOG_ERR;
    case severity::critical:
      return LOG_CRIT;
  }
  return LOG_INFO;
}

char field_name_character(char c) {
  if (c >= 'a' && c <= 'z')
    return static_cast<char>(c - 'a' + 'A');
  const bool allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return allowed ? c : '_';
}

}  // namespace

std::string journal_field_name(std::string_view key) {
  // Results call a canary's last state its status.
  if (key == "status")
    key = "state";
  std::string name = "CANARY_";
  for (const char c : key)
    name += field_name_character(c);
  return name;
}

std::vector<std::string> journal_fields(const log_event& what, std::string_view line) {
  std::vector<std::string> fields{
      fmt::format("MESSAGE={}", line),
      fmt::format("MESSAGE_ID={}", describe(what.about).message_id),
      fmt::format("PRIORITY={}", priority_of(what.level)),
      "SYSLOG_IDENTIFIER=canaryd",
  };
  for (const auto& each : what.fields) {
    if (!each.value.empty())
      fields.push_back(fmt::format("{}={}", journal_field_name(each.key), each.value));
  }
  return fields;
}

void write_to_journal(const log_line& line) {
  std::vector<field> pairs;
  for (const auto& [key, value] : line.fields)
    pairs.push_back({key, value});
  auto fields = journal_fields({line.level, line.about, pairs}, line.text);
  std::vector<iovec> pieces;
  pieces.reserve(fields.size());
  for (auto& each : fields)
    pieces.push_back({each.data(), each.size()});
  if (sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size())) < 0)
    make_stderr_output(line_style::plain)(line);
}

}  // namespace canaryd::daemon
