#include "canaryd/store/time_anchor.hpp"

#include <algorithm>
#include <fstream>

namespace canaryd::store {
namespace {

// A limit that keeps sums of a few stored times in range, whatever the file says.
constexpr duration longest = std::chrono::days{36'500};

std::string kernel_boot_id() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(file, id);
  return id;
}

duration elapsed(wall_time from, wall_time until) {
  if (until <= from)
    return duration::zero();
  // Limited while still in milliseconds: a wall time has a far wider range than a duration.
  constexpr auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  return std::min(until - std::max(from, wall_time{}), limit);
}

}  // namespace

time_anchor system_time_anchor() {
  return {kernel_boot_id, async::clock::now, async::clock::wall_now};
}

duration shift_between(const moment& then, const moment& now) {
  if (!then.boot_id.empty() && then.boot_id == now.boot_id)
    return duration::zero();
  const auto stored = std::clamp(then.boot.time_since_epoch(), duration::zero(), longest);
  return now.boot.time_since_epoch() - stored - elapsed(then.wall, now.wall);
}

}  // namespace canaryd::store
