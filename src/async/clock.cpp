#include "canaryd/async/clock.hpp"

#include <algorithm>
#include <cassert>
#include <ctime>

namespace canaryd::async {
namespace {

struct manual_state {
  bool active = false;
  core::instant now;
  core::wall_time wall;
  std::optional<core::duration> earliest_remaining;
};

// One loop, one thread, one clock: the harness that owns manual_time runs on the loop's thread.
manual_state manual;

core::duration since_epoch(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return std::chrono::seconds{value.tv_sec} + std::chrono::nanoseconds{value.tv_nsec};
}

}  // namespace

core::instant clock::now() {
  return manual.active ? manual.now : core::instant{since_epoch(CLOCK_BOOTTIME)};
}

core::wall_time clock::wall_now() {
  if (manual.active)
    return manual.wall;
  return core::wall_time{
      std::chrono::duration_cast<core::wall_time::duration>(since_epoch(CLOCK_REALTIME))};
}

core::duration wait_traits::to_wait_duration(core::duration remaining) {
  if (!manual.active)
    return std::min<core::duration>(remaining, std::chrono::seconds{1});
  manual.earliest_remaining = std::min(remaining, manual.earliest_remaining.value_or(remaining));
  return core::duration::zero();
}

manual_time::manual_time(core::instant start, core::wall_time wall) {
  assert(!manual.active);
  manual = {.active = true, .now = start, .wall = wall, .earliest_remaining = {}};
}

manual_time::~manual_time() {
  manual = {};
}

void manual_time::advance_to(core::instant deadline) {
  assert(deadline >= manual.now);
  manual.wall += std::chrono::floor<core::wall_time::duration>(deadline.time_since_epoch()) -
                 std::chrono::floor<core::wall_time::duration>(manual.now.time_since_epoch());
  manual.now = deadline;
}

void manual_time::step_wall(core::duration by) {
  manual.wall += std::chrono::duration_cast<core::wall_time::duration>(by);
}

std::optional<core::instant> manual_time::next_deadline(boost::asio::io_context& context) {
  // Asio asks wait_traits about its earliest timer each time it looks at the timer descriptor, and
  // in manual mode that descriptor is always due.
  manual.earliest_remaining.reset();
  context.poll();
  if (!manual.earliest_remaining)
    return std::nullopt;
  return manual.now + *manual.earliest_remaining;
}

}  // namespace canaryd::async
