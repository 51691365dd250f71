#include "canaryd/daemon/state_alarm.hpp"

#include "canaryd/core/duration_text.hpp"
#include "canaryd/daemon/log.hpp"

#include <utility>

namespace canaryd::daemon {
namespace {

constexpr auto consequence =
    "canaries are watched and rolled back if need be, everything else waits";

// A disk may be busy for a moment.
constexpr std::chrono::seconds patience{5};

}  // namespace

void state_alarm::failed(const core::error& problem) {
  if (!std::exchange(is_on_, true))
    log(core::severity::critical, core::topic::state_not_written, "the state cannot be written",
        {{"error", problem.text}, {"so", consequence}});
}

void state_alarm::waits(core::duration time) {
  if (time >= patience && !std::exchange(is_on_, true))
    log(core::severity::critical, core::topic::state_not_written,
        "the state has not been written for long",
        {{"since", core::format_duration(time)}, {"so", consequence}});
}

void state_alarm::succeeded() {
  if (std::exchange(is_on_, false))
    log(core::severity::warning, core::topic::state_restored, "the state is written again");
}

}  // namespace canaryd::daemon
