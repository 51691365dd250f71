#include "canaryd/daemon/tell/state_alarm.hpp"

#include "canaryd/daemon/tell/log.hpp"
#include "canaryd/text/duration_text.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

constexpr auto consequence =
    "canaries are watched and rolled back if need be, everything else waits";

// A disk may be busy for this long without an alarm.
constexpr std::chrono::seconds patience{5};

}  // namespace

void state_alarm::failed(const error& problem) {
  if (!std::exchange(is_raised_, true))
    log(severity::critical, topic::state_not_written, "the state cannot be written",
        {{"error", problem.text}, {"so", consequence}});
}

void state_alarm::waits(duration time) {
  if (time >= patience && !std::exchange(is_raised_, true))
    log(severity::critical, topic::state_not_written, "a write of the state takes too long",
        {{"since", text::format_duration(time)}, {"so", consequence}});
}

void state_alarm::succeeded() {
  if (std::exchange(is_raised_, false))
    log(severity::warning, topic::state_restored, "the state is written again");
}

}  // namespace canaryd::daemon
