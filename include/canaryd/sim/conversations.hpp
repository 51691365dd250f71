// Conversations that arrive at random. They are drawn second by second from a seed: the same key
// and second always give the same conversations, so none is stored.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/sim/profile.hpp"

#include <cstdint>

namespace canaryd::sim {

// Sums over some conversations. All are whole numbers, so that adding windows is exact.
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
  // `per_second` must be at least 0, and `from` not later than `until`.
  conversation_stream(const profile& what, double per_second, std::uint64_t key, duration from,
                      duration until);

  // Ends the stream, if it has not ended before.
  void end(duration at);

  duration from() const { return from_; }
  duration until() const { return until_; }

  // The conversations of the seconds first..last-1. If the window moves on, overlaps the previous
  // one or starts where that started, only the difference costs time.
  conversation_totals between(std::int64_t first, std::int64_t last);

 private:
  struct range {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };

  range clip(range asked) const;
  conversation_totals sum(range seconds) const;
  conversation_totals draw(std::int64_t second) const;
  // The part of that second in which the stream exists, 0..1.
  double overlap(std::int64_t second) const;

  profile what_;
  double per_second_;
  std::uint64_t key_;
  duration from_;
  duration until_;
  range known_;
  conversation_totals known_totals_;
};

// Mixes two numbers well (splitmix64).
std::uint64_t mix(std::uint64_t left, std::uint64_t right);

}  // namespace canaryd::sim
