// Describes the conversations of a version: the distributions of errors, scores, latencies and
// hand-overs to a person.
#pragma once

#include "canaryd/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

struct profile {
  // The probability that a conversation ends in an error, 0..1.
  double error_rate = 0.01;
  // The mean and standard deviation of a score before it is clamped to 0..5.
  double satisfaction_score = 4.4;
  double satisfaction_spread = 0.5;
  // The mean and standard deviation of a conversation's latency, which is at least 1 ms.
  double avg_latency_ms = 320.0;
  double latency_spread_ms = 80.0;
  // The share of the conversations that are given a score, 0..1.
  double rated = 1.0;
  // The probability that a conversation is handed over to a person, 0..1.
  double escalation_rate = 0.05;

  bool operator==(const profile&) const = default;
};

// The profile of a version for which there is no rule. It follows from the version's name: `bad` or
// `fail` in it means 12 % errors, `slow` means 4 s, and `unhappy` means a score of 2.6; several may
// be combined. Every other version is healthy. The case of letters does not matter.
profile built_in_profile(std::string_view version);

// Sets the profile of the versions that match, from a time on. A bot's first stable version was
// deployed a day before the simulation.
struct profile_rule {
  // These are shell patterns (fnmatch(3)).
  std::string bot = "*";
  std::string version = "*";
  // Counts from the deploy of the version.
  duration from{};
  // Counts from the start of the simulation, for all versions at once. Replaces `from`.
  std::optional<duration> at = std::nullopt;
  profile what;
};

// A part of a version's life: begins `from` after its deploy and ends with the next phase.
struct phase {
  duration from{};
  profile what;
};

// The phases of a version that was deployed at `since`, which counts from the start of the
// simulation and is negative before it. They are in order of time, and the first begins at zero. If
// two rules match and overlap, the later one in `rules` counts; if none matches, the built-in
// profile does.
std::vector<phase> phases_of(const std::vector<profile_rule>& rules, const std::string& bot,
                             const std::string& version, duration since);

}  // namespace canaryd::sim
