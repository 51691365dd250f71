// Events as the journal takes them: structured fields and a MESSAGE_ID
// (systemd.journal-fields(7), https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/daemon/tell/log_queue.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::daemon {

struct log_event {
  severity level = severity::info;
  topic about = topic::reading;
  std::span<const field> fields;
};

// The name of the journal's field for a key of a line: "job" is CANARY_JOB, "status" is
// CANARY_STATE, and so on in upper case; what a field's name may not have becomes "_".
std::string journal_field_name(std::string_view key);

// All fields, `NAME=value` each. `line` is MESSAGE; fields without a value are left out.
std::vector<std::string> journal_fields(const log_event& what, std::string_view line);

// The event that this thread is logging, its values printable: spdlog carries lines alone. Nothing
// outside of log().
const log_event* event_at_hand();

// Sends the line with all that belongs to it, for as long as that takes; to standard error where
// the journal takes nothing.
void write_to_journal(const log_line& line);

}  // namespace canaryd::daemon
