// Sends events to the journal, with structured fields and a MESSAGE_ID (systemd.journal-fields(7),
// https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
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

// The name of the journal field for a key of a line: CANARY_JOB for "job", CANARY_STATE for
// "status", and so on in upper case. Characters that a field name may not have become "_".
std::string journal_field_name(std::string_view key);

// All fields as `NAME=value`. `line` becomes MESSAGE; fields without a value are left out.
std::vector<std::string> journal_fields(const log_event& what, std::string_view line);

// The event that this thread is logging, with printable values. spdlog carries only lines. Null
// outside log().
const log_event* event_at_hand();

// Sends the line with its fields and waits as long as that takes. Writes to standard error if the
// journal accepts nothing.
void write_to_journal(const log_line& line);

}  // namespace canaryd::daemon
