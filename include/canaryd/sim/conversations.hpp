// Conversations that arrive at random over time, drawn second by second from a seed: the same key
// and second always give the same conversations, and nothing is stored of any of them.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/sim/profile.hpp"

#include <cstdint>

namespace canaryd::sim {

// Sums over some conversations. All are whole numbers, so that sums of adjacent windows are exact.
struct conversation_totals {
  std::int64_t conversations = 0;
  std::int64_t errors = 0;
  std::int64_t rated = 0;
  std::int64_t score_thousandths = 0;
  std::int64_t latency_us = 0;
  std::int64_t escalations = 0;

  conversation_totals& operator+=(const conversation_totals& other);
  conversation_totals& operator-=(const conversation_totals& other);
  bool operator==(const conversation_totals&) const = default;
};

// A stream of conversations of one profile at one mean rate, a Poisson process. Times count from an
// origin that all streams share; seconds are numbered from it and may be negative.
class conversation_stream {
 public:
  // `per_second` is at least 0; `from` is not after `until`.
  conversation_stream(const profile& what, double per_second, std::uint64_t key, duration from,
                      duration until);

  // Ends the stream, if it has not ended before.
  void end(duration at);

  duration from() const { return from_; }
  duration until() const { return until_; }

  // The conversations of the seconds first..last-1. Asking for windows that move on, overlap the
  // one before or start where it started costs time by the difference only.
  conversation_totals between(std::int64_t first, std::int64_t last);

 private:
  struct range {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };

  range clip(range asked) const;
  conversation_totals sum(range seconds) const;
  conversation_totals draw(std::int64_t second) const;
  // The part of that second in which the stream flows, 0..1.
  double overlap(std::int64_t second) const;

  profile what_;
  double per_second_;
  std::uint64_t key_;
  duration from_;
  duration until_;
  range known_;
  conversation_totals known_totals_;
};

// A well-mixed number of two numbers (splitmix64).
std::uint64_t mix(std::uint64_t left, std::uint64_t right);

}  // namespace canaryd::sim
