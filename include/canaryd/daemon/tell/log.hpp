// The daemon's log: one event a line, a short sentence and then key=value pairs
// (reference: "Log lines").
#pragma once

#include "canaryd/base/note.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace canaryd::daemon {

// One pair of a line. The value is quoted where it has spaces, quotes or is empty; what is not
// printable (text/text) never gets into a line.
struct field {
  std::string_view key;
  std::string_view value;
  // False where the sentence says it already: then it is a field of the journal alone.
  bool in_line = true;
};

// Where lines go: "auto" (the journal where the process was started by systemd, colour and columns
// on a terminal, else plain standard error), "journal" or "stderr"; and the least severity that is
// written: "debug", "info", "warning", "error" or "critical". From then on a line is queued for a
// thread of the log's own (daemon/tell/log_writer). Can be called again: queued lines are kept.
void open_log(std::string_view target, std::string_view level);

// Gives the reader of the log a second to take what is queued. Nothing is written after it.
void close_log();

// How many lines were lost because nobody read them.
std::uint64_t log_lines_lost();

// One line to standard error, outside of the log: why the daemon does not start, or a defect. Where
// nobody reads it, it is given up after a second.
void tell_stderr(std::string_view line);

bool is_logged(severity level);

void log(severity level, topic about, std::string_view text,
         std::initializer_list<field> fields = {});

// For as long as it lives, hears every line that this thread logs. One at a time.
class log_listener {
 public:
  using callback = std::function<void(severity level, topic about, std::string_view text,
                                      std::span<const field> fields)>;
  explicit log_listener(callback hear);
  ~log_listener();
  log_listener(const log_listener&) = delete;
  log_listener& operator=(const log_listener&) = delete;
};

}  // namespace canaryd::daemon
