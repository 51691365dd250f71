#include "canaryd/cognigy/whole_units.hpp"

#include <algorithm>

namespace canaryd::cognigy {

core::instant next_chance(const whole_units& counted, core::instant now) {
  constexpr core::duration most_late = std::chrono::seconds{2};
  const auto ended = (now - counted.from) / counted.unit;
  if (ended >= 1 && (now - counted.from) % counted.unit <= most_late)
    return now;
  return counted.from + (std::max<core::duration::rep>(ended, 0) + 1) * counted.unit;
}

core::duration ended_units(const whole_units& counted, core::instant now) {
  constexpr core::duration longest = std::chrono::hours{24};
  const auto ended = (now - counted.from) / counted.unit * counted.unit;
  return std::clamp(ended, counted.unit, longest);
}

}  // namespace canaryd::cognigy
