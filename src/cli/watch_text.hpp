// The texts that both kinds of watch have for events.
#pragma once

#include "canaryd/cli/event_stream.hpp"
#include "canaryd/cli/job_info.hpp"
#include "canaryd/cli/live_view.hpp"
#include "canaryd/cli/output.hpp"

#include <string>
#include <string_view>

namespace canaryd::cli {

wall_time wall_now();

// Such as "observing, step 1 of 3, 5 % of the traffic", followed by the reason, the detail, and
// what to do.
std::string state_text(const job_info& job);

noted_event note_of(const job_info& job);
noted_event note_of(const reading_info& reading);
noted_event note_of_log(const boost::json::value& data);

// False for log lines at level debug, and for those of readings, which have an event of their own.
bool is_worth_a_line(const boost::json::value& data);

// Writes one line with the time, the job (unless `job_id` is empty) and the text.
void write_event(const output& to, const noted_event& event, std::string_view job_id);
// Writes one document {"event", "data"}.
void write_event(const output& to, std::string_view name, const boost::json::value& data);

inline constexpr std::string_view away_text = "daemon away, reconnecting";
inline constexpr std::string_view back_text = "daemon back";

}  // namespace canaryd::cli
