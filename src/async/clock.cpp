#include "canaryd/async/clock.hpp"

#include <algorithm>
#include <cassert>
#include <ctime>

namespace canaryd::async {
namespace {

struct manual_state {
  bool active = false;
  instant now;
  wall_time wall;
  // The deadline of the timer that Asio asked about last, which is its earliest one.
  std::optional<instant> earliest;
};

// No lock is needed: the harness that owns manual_time runs on the loop's only thread.
manual_state manual;

duration since_epoch(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return std::chrono::seconds{value.tv_sec} + std::chrono::nanoseconds{value.tv_nsec};
}

}  // namespace

instant clock::now() {
  return manual.active ? manual.now : instant{since_epoch(CLOCK_BOOTTIME)};
}

wall_time clock::wall_now() {
  if (manual.active)
    return manual.wall;
  return wall_time{std::chrono::duration_cast<wall_time::duration>(since_epoch(CLOCK_REALTIME))};
}

duration wait_traits::to_wait_duration(duration remaining) {
  if (manual.active)
    manual.earliest = manual.now + remaining;
  return std::clamp<duration>(remaining, duration::zero(), std::chrono::seconds{1});
}

manual_time::manual_time(instant start, wall_time wall) {
  assert(!manual.active);
  manual = {.active = true, .now = start, .wall = wall, .earliest = {}};
}

manual_time::~manual_time() {
  manual = {};
}

// Asio looks at its timers when a new one becomes the earliest.
void manual_time::make_look(boost::asio::io_context& context) {
  {
    timer long_due{context.get_executor(), instant{}};
    long_due.async_wait([](const boost::system::error_code&) {});
  }
  context.poll_one();
  // Polling stops the context if it has no work left.
  context.restart();
}

void manual_time::advance_to(boost::asio::io_context& context, instant deadline) {
  assert(deadline >= manual.now);
  manual.wall += std::chrono::floor<wall_time::duration>(deadline.time_since_epoch()) -
                 std::chrono::floor<wall_time::duration>(manual.now.time_since_epoch());
  manual.now = deadline;
  make_look(context);
}

void manual_time::step_wall(duration by) {
  manual.wall += std::chrono::duration_cast<wall_time::duration>(by);
}

std::optional<instant> manual_time::next_deadline(boost::asio::io_context& context) {
  if (!manual.earliest || *manual.earliest <= manual.now) {
    make_look(context);
    context.poll();
    context.restart();
  }
  // Every timer that was due has run. If `earliest` is not in the future, it is make_look()'s own
  // timer.
  return *manual.earliest > manual.now ? manual.earliest : std::nullopt;
}

}  // namespace canaryd::async
