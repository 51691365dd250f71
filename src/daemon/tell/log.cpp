#include "canaryd/daemon/tell/log.hpp"

#include "canaryd/daemon/tell/journal.hpp"
#include "canaryd/daemon/tell/log_outputs.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace canaryd::daemon {
namespace {

// The column where the pairs of a line begin on a terminal.
constexpr std::size_t pairs_column = 44;

// How long the daemon waits at its end for somebody to read its last lines.
constexpr std::chrono::seconds last_words{1};

bool in_columns = false;
std::shared_ptr<log_writer> writer;
thread_local const log_event* at_hand = nullptr;
thread_local log_listener::callback listener;

// systemd names the device and inode of the journal's stream, so that a process can tell whether
// its standard error was redirected (systemd.exec(5), $JOURNAL_STREAM).
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat opened{};
  if (stream == nullptr || fstat(STDERR_FILENO, &opened) != 0)
    return false;
  return fmt::format("{}:{}", opened.st_dev, opened.st_ino) == stream;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\") != std::string_view::npos;
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
    line += c;
  }
  line += '"';
}

}  // namespace

void open_log(std::string_view target, std::string_view level) {
  const bool journal = target == "journal" || (target == "auto" && stderr_is_the_journal());
  in_columns = !journal && ::isatty(STDERR_FILENO) == 1;
  auto output = journal ? log_writer::output{write_to_journal}
                        : make_stderr_output(in_columns ? line_style::terminal : line_style::plain);
  if (writer)
    writer->write_to(std::move(output));
  else
    writer = std::make_shared<log_writer>(std::move(output));
  auto logger = std::make_shared<spdlog::logger>("canaryd", make_queueing_sink(writer));
  logger->set_level(spdlog::level::from_str(std::string{level}));
  spdlog::set_default_logger(std::move(logger));
}

void close_log() {
  if (writer)
    writer->finish(last_words);
}

std::uint64_t log_lines_lost() {
  return writer ? writer->lost() : 0;
}

void tell_stderr(std::string_view line) {
  write_within(STDERR_FILENO, text::printable(line) + "\n", last_words);
}

const log_event* event_at_hand() {
  return at_hand;
}

bool is_logged(severity level) {
  return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void log(severity level, topic about, std::string_view text, std::initializer_list<field> fields) {
  if (!is_logged(level))
    return;
  auto line = text::printable(text);
  std::vector<std::string> values;
  std::vector<field> shown;
  values.reserve(fields.size());
  for (const auto& [key, value, in_line] : fields) {
    shown.push_back({key, values.emplace_back(text::printable(value)), in_line});
    if (!in_line)
      continue;
    if (in_columns && line.size() < pairs_column)
      line.resize(pairs_column, ' ');
    line += fmt::format(" {}=", key);
    append_value(line, values.back());
  }
  const log_event event{level, about, shown};
  at_hand = &event;
  spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t{line});
  at_hand = nullptr;
  if (listener)
    listener(level, about, text, fields);
}

log_listener::log_listener(callback hear) {
  listener = std::move(hear);
}

log_listener::~log_listener() {
  listener = nullptr;
}

}  // namespace canaryd::daemon
