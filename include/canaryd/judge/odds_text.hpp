// The odds of the sequential method (judge::test_evidence) as people read them: with few digits,
// however high they are. Beyond both 1000 and the odds that are needed, nobody tells them apart.
#pragma once

#include <string>

namespace canaryd::judge {

// The odds and those that are needed, for tables and key=value pairs: "3.1/40", ">1000/40".
std::string short_odds_text(double gathered, double needed);

// The same as part of a sentence: "3.1, and 40 are needed", "over 1000, and 40 are needed".
std::string long_odds_text(double gathered, double needed);

}  // namespace canaryd::judge
