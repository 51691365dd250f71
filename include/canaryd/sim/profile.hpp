// How the conversations of one version go: errors, scores, latencies and hand-overs to a person, as
// distributions.
#pragma once

#include "canaryd/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

struct profile {
  // Probability that a conversation ends in an error, 0..1.
  double error_rate = 0.01;
  // Mean and standard deviation of a score before it is clamped to 0..5.
  double satisfaction_score = 4.4;
  double satisfaction_spread = 0.5;
  // Mean and standard deviation of a conversation's latency, which is at least 1 ms.
  double avg_latency_ms = 320.0;
  double latency_spread_ms = 80.0;
  // Share of the conversations that are given a score, 0..1.
  double rated = 1.0;
  // Probability that a conversation is handed over to a person, 0..1.
  double escalation_rate = 0.05;

  bool operator==(const profile&) const = default;
};

// What a version is like when nobody says otherwise, by its name: one that contains `bad` or `fail`
// has 12 % errors, `slow` takes 4 s, `unhappy` scores 2.6; several may be combined. Every other
// version is healthy. Upper and lower case are the same.
profile built_in_profile(std::string_view version);

// Says what the versions that match are like, from a time on. The life of a bot's first stable
// version began a day before the simulation.
struct profile_rule {
  // Shell patterns (fnmatch(3)).
  std::string bot = "*";
  std::string version = "*";
  // After the version was deployed.
  duration from{};
  // After the start of the simulation, for all versions at once; takes the place of `from`.
  std::optional<duration> at = std::nullopt;
  profile what;
};

// A stretch of a version's life, from `from` after its deploy until the next phase.
struct phase {
  duration from{};
  profile what;
};

// The phases of a version whose life began at `since`, counted from the start of the simulation and
// negative before it. They are in order of time, the first from zero on. Of two rules that match
// and overlap, the later one in `rules` counts; where none matches, the built-in profile does.
std::vector<phase> phases_of(const std::vector<profile_rule>& rules, const std::string& bot,
                             const std::string& version, duration since);

}  // namespace canaryd::sim
