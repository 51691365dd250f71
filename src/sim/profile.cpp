#include "canaryd/sim/profile.hpp"

#include <algorithm>
#include <fnmatch.h>

namespace canaryd::sim {
namespace {

bool contains_word(std::string_view text, std::string_view lower_case_word) {
  const auto same = [](char left, char right) {
    const bool upper = left >= 'A' && left <= 'Z';
    return (upper ? static_cast<char>(left - 'A' + 'a') : left) == right;
  };
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                     same) != text.end();
}

bool matches(const profile_rule& rule, const std::string& bot, const std::string& version) {
  return fnmatch(rule.bot.c_str(), bot.c_str(), 0) == 0 &&
         fnmatch(rule.version.c_str(), version.c_str(), 0) == 0;
}

}  // namespace

profile built_in_profile(std::string_view version) {
  profile found;
  if (contains_word(version, "bad") || contains_word(version, "fail"))
    found.error_rate = 0.12;
  if (contains_word(version, "slow")) {
    found.avg_latency_ms = 4000.0;
    found.latency_spread_ms = 600.0;
  }
  if (contains_word(version, "unhappy"))
    found.satisfaction_score = 2.6;
  return found;
}

std::vector<phase> phases_of(const std::vector<profile_rule>& rules, const std::string& bot,
                             const std::string& version, duration since) {
  std::vector<phase> phases{{.from = {}, .what = built_in_profile(version)}};
  for (const auto& rule : rules) {
    if (!matches(rule, bot, version))
      continue;
    const auto from = rule.at ? std::max(*rule.at - since, duration::zero()) : rule.from;
    std::erase_if(phases, [&](const phase& earlier) { return earlier.from >= from; });
    phases.push_back({.from = from, .what = rule.what});
  }
  return phases;
}

}  // namespace canaryd::sim
