// The table of everything that the daemon logs. For each kind of event it has the MESSAGE_ID in the
// journal, what the event means and what to do about it. The journal's catalog (`journalctl -x`)
// and the list in canaryd(8) are made from it.
#pragma once

#include "canaryd/base/note.hpp"

#include <span>
#include <string>
#include <string_view>

namespace canaryd::daemon {

struct event_kind {
  topic about;
  // 32 hexadecimal digits (systemd.journal-fields(7)). They never change, because people filter by
  // them.
  std::string_view message_id;
  // A few words. journalctl fills in @CANARY_JOB@ and the like.
  std::string_view subject;
  std::string_view meaning;
  // What an operator should do; empty if there is nothing to do.
  std::string_view advice;
};

// All kinds, in the order of `topic`.
std::span<const event_kind> event_table();

const event_kind& describe(topic about);

// The table as a message catalog (https://systemd.io/CATALOG).
std::string write_catalog();

// The table as the body of a section of a manual page, in man(7).
std::string write_manual_section();

}  // namespace canaryd::daemon
