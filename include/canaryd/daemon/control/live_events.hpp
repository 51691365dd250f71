// Publishes events for listeners at the control socket. Costs nothing while nobody listens.
#pragma once

#include "canaryd/base/note.hpp"
#include "canaryd/daemon/control/event_hub.hpp"
#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/store/store.hpp"

#include <span>
#include <string_view>

namespace canaryd::daemon {

// Publishes `state`: the job as GET /v1/jobs/{id} shows it.
void publish_state(event_hub& events, const store::job_record& job);

// Publishes `reading`: the newest one as GET /v1/jobs/{id}/readings shows it, with `job_id`.
void publish_reading(event_hub& events, const store::job_record& job);

// Publishes `log`: `at`, `level`, `text` and the fields of the line, with the job as `job_id`.
void publish_log(event_hub& events, severity level, std::string_view text,
                 std::span<const field> fields);

}  // namespace canaryd::daemon
