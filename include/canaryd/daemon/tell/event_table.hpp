// The one table of what the daemon tells: for each kind of event its MESSAGE_ID in the journal,
// what it means and what to do about it. The journal's catalog (`journalctl -x`) and the list in
// canaryd(8) are made from it.
#pragma once

#include "canaryd/base/note.hpp"

#include <span>
#include <string>
#include <string_view>

namespace canaryd::daemon {

struct event_kind {
  topic about;
  // The same for ever: people filter by it. 32 hexadecimal digits (systemd.journal-fields(7)).
  std::string_view message_id;
  // A few words; @CANARY_JOB@ and the like are filled in by journalctl.
  std::string_view subject;
  std::string_view meaning;
  // What an operator does; empty where there is nothing to do.
  std::string_view advice;
};

// All of them, in the order of topic.
std::span<const event_kind> event_table();

const event_kind& describe(topic about);

// The table as a message catalog (https://systemd.io/CATALOG).
std::string write_catalog();

// The table as the body of a section of a manual page, in man(7).
std::string write_manual_section();

}  // namespace canaryd::daemon
