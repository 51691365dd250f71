#include "canaryd/judge/odds_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace canaryd::judge {
namespace {

// With so many significant digits, or with more where that avoids an exponent.
std::string odds_text(double odds, int digits) {
  constexpr double longest_whole = 1e6;
  const double whole = std::round(odds);
  if (whole < std::pow(10, digits))
    return fmt::format("{:.{}g}", odds, digits);
  return whole < longest_whole ? fmt::format("{:.0f}", whole) : fmt::format("{:.4g}", whole);
}

std::string needed_text(double needed) {
  return odds_text(needed, 3);
}

// `over` goes before the highest odds that are shown, if there are more.
std::string gathered_text(double gathered, double needed, std::string_view over) {
  const double most = std::max(1000.0, needed);
  return gathered > most ? fmt::format("{}{}", over, needed_text(most)) : odds_text(gathered, 2);
}

}  // namespace

std::string short_odds_text(double gathered, double needed) {
  return fmt::format("{}/{}", gathered_text(gathered, needed, ">"), needed_text(needed));
}

std::string long_odds_text(double gathered, double needed) {
  return fmt::format("{}, and {} are needed", gathered_text(gathered, needed, "over "),
                     needed_text(needed));
}

}  // namespace canaryd::judge
