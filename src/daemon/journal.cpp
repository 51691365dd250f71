// Which line of this file sent an event says nothing about the event.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "canaryd/daemon/journal.hpp"

#include "canaryd/daemon/event_table.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <systemd/sd-journal.h>

#include <cstdio>
#include <mutex>
#include <sys/uio.h>
#include <syslog.h>

namespace canaryd::daemon {
namespace {

int priority_of(core::severity level) {
  switch (level) {
    case core::severity::debug:
      return LOG_DEBUG;
    case core::severity::info:
      return LOG_INFO;
    case core::severity::warning:
      return LOG_WARNING;
    case core::severity::error:
      return LOG_ERR;
    case core::severity::critical:
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

class journal_sink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view line{message.payload.data(), message.payload.size()};
    const auto* event = event_at_hand();
    auto fields = journal_fields(event == nullptr ? log_event{} : *event, line);
    std::vector<iovec> pieces;
    pieces.reserve(fields.size());
    for (auto& each : fields)
      pieces.push_back({each.data(), each.size()});
    if (sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size())) < 0)
      fmt::print(stderr, "{}\n", line);
  }

  void flush_() override {}
};

}  // namespace

std::string journal_field_name(std::string_view key) {
  // A canary's last state is called its status in results.
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

std::shared_ptr<spdlog::sinks::sink> make_journal_sink() {
  return std::make_shared<journal_sink>();
}

}  // namespace canaryd::daemon
