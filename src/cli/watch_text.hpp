// What both kinds of watch say of an event.
#pragma once

#include "canaryd/cli/event_stream.hpp"
#include "canaryd/cli/job_info.hpp"
#include "canaryd/cli/live_view.hpp"
#include "canaryd/cli/output.hpp"

#include <string>
#include <string_view>

namespace canaryd::cli {

wall_time wall_now();

// "observing, step 1 of 3, 5 % of the traffic", with reason and detail.
std::string state_text(const job_info& job);

noted_event note_of(const job_info& job);
noted_event note_of(const reading_info& reading);
noted_event note_of_log(const boost::json::value& data);

// False for log lines of which a reading's own event tells already, and for those at level debug.
bool is_worth_a_line(const boost::json::value& data);

// A line an event: time, job where `job_id` is given, text.
void write_event(const output& to, const noted_event& event, std::string_view job_id);
// The same as a document.
void write_event(const output& to, std::string_view name, const boost::json::value& data);

inline constexpr std::string_view away_text = "daemon away, reconnecting";
inline constexpr std::string_view back_text = "daemon back";

}  // namespace canaryd::cli
