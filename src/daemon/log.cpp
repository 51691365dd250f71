#include "canaryd/daemon/log.hpp"

#include "canaryd/daemon/journal.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace canaryd::daemon {
namespace {

// On a terminal, where the pairs of a line begin.
constexpr std::size_t pairs_column = 44;

bool in_columns = false;
thread_local const log_event* at_hand = nullptr;
thread_local log_listener::callback listener;

spdlog::level::level_enum to_spdlog(core::severity level) {
  switch (level) {
    case core::severity::debug:
      return spdlog::level::debug;
    case core::severity::info:
      return spdlog::level::info;
    case core::severity::warning:
      return spdlog::level::warn;
    case core::severity::error:
      return spdlog::level::err;
    case core::severity::critical:
      return spdlog::level::critical;
  }
  return spdlog::level::info;
}

// systemd names the device and inode of the journal's stream, so that a process whose standard
// error was redirected elsewhere can tell (systemd.exec(5), $JOURNAL_STREAM).
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat opened{};
  if (stream == nullptr || fstat(STDERR_FILENO, &opened) != 0)
    return false;
  return fmt::format("{}:{}", opened.st_dev, opened.st_ino) == stream;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\\n\r\t") != std::string_view::npos;
}

void append_value(std::string& line, std::string_view value) {
  if (!needs_quotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\')
      line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  line += '"';
}

}  // namespace

void open_log(std::string_view target, std::string_view level) {
  const bool journal = target == "journal" || (target == "auto" && stderr_is_the_journal());
  in_columns = !journal && ::isatty(STDERR_FILENO) == 1;
  std::shared_ptr<spdlog::logger> logger;
  if (journal) {
    logger = std::make_shared<spdlog::logger>("canaryd", make_journal_sink());
  } else {
    logger = std::make_shared<spdlog::logger>(
        "canaryd", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern(in_columns ? "%H:%M:%S %^%-8l%$ %v" : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  }
  logger->flush_on(spdlog::level::trace);
  logger->set_level(spdlog::level::from_str(std::string{level}));
  spdlog::set_default_logger(std::move(logger));
}

const log_event* event_at_hand() {
  return at_hand;
}

bool is_logged(core::severity level) {
  return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void log(core::severity level, core::topic about, std::string_view text,
         std::initializer_list<field> fields) {
  if (!is_logged(level))
    return;
  std::string line{text};
  for (const auto& [key, value, in_line] : fields) {
    if (!in_line)
      continue;
    if (in_columns && line.size() < pairs_column)
      line.resize(pairs_column, ' ');
    line += fmt::format(" {}=", key);
    append_value(line, value);
  }
  const log_event event{level, about, fields};
  at_hand = &event;
  spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t{line});
  at_hand = nullptr;
  if (listener)
    listener(level, about, text, event.fields);
}

log_listener::log_listener(callback hear) {
  listener = std::move(hear);
}

log_listener::~log_listener() {
  listener = nullptr;
}

}  // namespace canaryd::daemon
