// The daemon's log: one line per event, a short sentence followed by key=value pairs
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

// One pair of a line. The value is quoted if it has spaces or quotes, or is empty. What is not
// printable (text/text) never gets into a line.
struct field {
  std::string_view key;
  std::string_view value;
  // False if the sentence already says it: then only the journal gets the field.
  bool in_line = true;
};

// Sets where lines go: "auto", "journal" or "stderr". "auto" is the journal if systemd started the
// process, colour and columns on a terminal, and plain standard error otherwise. `level` is the
// least severity that is written: "debug", "info", "warning", "error" or "critical". From then on,
// lines are queued for the log's own thread (daemon/tell/log_writer). A second call keeps the
// queued lines.
void open_log(std::string_view target, std::string_view level);

// Gives the reader of the log a second to take what is queued. Nothing is written afterwards.
void close_log();

// The number of lines that were lost because nobody read them.
std::uint64_t log_lines_lost();

// Writes one line to standard error, not to the log: why the daemon does not start, or a defect.
// Gives up after a second if nobody reads it.
void tell_stderr(std::string_view line);

bool is_logged(severity level);

void log(severity level, topic about, std::string_view text,
         std::initializer_list<field> fields = {});

// While it exists, it hears every line that this thread logs. There may be one at a time.
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
