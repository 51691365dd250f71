// Things that go wrong on purpose: which requests they strike, when, and what becomes of the
// answer.
#pragma once

#include "canaryd/base/time.hpp"
#include "canaryd/sim/call.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace canaryd::sim {

enum class fault_kind : std::uint8_t {
  // Answered in place of the API, which never sees the request: 401; 429 with `retry_after`;
  // `status` with `retry_after` where given, and with a Location where it is a redirection.
  unauthorized,
  rate_limited,
  status,
  // A request on a connection that has carried another one before breaks it; nothing is processed.
  lost_on_reuse,
  // The connection breaks after `delay` (at once by default); nothing is processed.
  lost_before,
  // Processed, but the answer never comes; the connection breaks after `delay` where that is given.
  lost_after,
  // Processed, and then answered with `status`.
  status_after,
  // Processed, and answered `delay` later.
  slow,
  // The answer's bytes: an HTML page, a JSON text that ends early, a connection that ends before
  // Content-Length, a body over 1 MiB, a 2xx without the deployment's id, a byte order mark in
  // front,
  // a coding that was not asked for.
  html,
  truncated_json,
  cut_body,
  oversize,
  no_id,
  byte_order_mark,
  coded,
  // A token whose expires_in is `value`.
  odd_expiry,
  // `metric` of a metrics answer: NaN, 1e400, below or above every range, text, twice, not there,
  // null.
  not_a_number,
  infinite,
  negative,
  out_of_range,
  text_for_number,
  duplicate_key,
  missing_metric,
  null_metric,
  // Conversations are seen by the metrics `delay` after they happened.
  late_metrics,
};

std::string_view to_string(fault_kind kind);
std::optional<fault_kind> fault_kind_named(std::string_view name);

struct fault {
  fault_kind kind = fault_kind::status;
  // Empty: every bot, and requests that name none.
  std::string bot{};
  // Empty: every call.
  std::vector<call> calls{};
  // Probability that a request which fits is struck, 0..1.
  double rate = 1.0;
  // When it strikes, since the start of the world: from <= t < until.
  duration from{};
  duration until = duration::max();
  // After that many strikes it is over.
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max();
  // For status and status_after, 300..599.
  int status = 503;
  std::optional<duration> retry_after{};
  // Retry-After as an HTTP date instead of seconds.
  bool retry_after_as_date = false;
  // What Retry-After says, in place of `retry_after`; empty: `retry_after` counts.
  std::string retry_after_text{};
  std::optional<duration> delay{};
  std::string metric = "error_rate";
  // JSON.
  std::string value = "0";
};

// True for kinds that keep a request from being processed.
bool comes_before_processing(fault_kind kind);

// All faults of one world. Which requests a rate strikes follows from the seed alone.
class fault_plan {
 public:
  explicit fault_plan(std::uint64_t seed) : seed_{seed} {}

  void add(fault added);
  void clear() { rules_.clear(); }

  // The faults that strike this request, `reused` where its connection has carried another one
  // before, in the order in which they were added. The first that
  // comes before processing is the last one given: nothing after it is used up. Pointers are valid
  // until the next add() or clear().
  std::vector<const fault*> strike(call what, std::string_view bot, duration since_start,
                                   bool reused = false);

 private:
  struct rule {
    fault what;
    std::uint64_t fitted = 0;
    std::uint64_t struck = 0;
  };

  std::uint64_t seed_;
  std::vector<rule> rules_;
};

}  // namespace canaryd::sim
