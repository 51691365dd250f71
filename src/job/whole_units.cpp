#include "canaryd/job/whole_units.hpp"

#include <algorithm>

namespace canaryd::job {

instant next_chance(const whole_units& counted, instant now) {
  constexpr duration most_late = std::chrono::seconds{2};
  const auto ended = (now - counted.from) / counted.unit;
  if (ended >= 1 && (now - counted.from) % counted.unit <= most_late)
    return now;
  return counted.from + (std::max<duration::rep>(ended, 0) + 1) * counted.unit;
}

duration ended_units(const whole_units& counted, instant now) {
  const auto ended = (now - counted.from) / counted.unit * counted.unit;
  return std::clamp(ended, counted.unit, longest_window);
}

}  // namespace canaryd::job
