// Things that go wrong on purpose: which requests they strike, when, and what happens to the
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
  // The fault answers, and the API never sees the request: 401; 429 with `retry_after`; or `status`
  // with `retry_after` if it is given, and with a Location if it is a redirection.
  unauthorized,
  rate_limited,
  status,
  // The connection breaks if it has carried another request before; nothing is processed.
  lost_on_reuse,
  // The connection breaks after `delay` (at once by default); nothing is processed.
  lost_before,
  // Processed, but the answer never comes. The connection breaks after `delay` if that is given.
  lost_after,
  // Processed, but answered with `status`.
  status_after,
  // Processed, but answered `delay` later.
  slow,
  // These change the answer's bytes: an HTML page, a JSON text that ends early, a connection that
  // ends before Content-Length, a body over 1 MiB, a 2xx without the deployment's id, a byte order
  // mark at the beginning, a coding that nobody asked for.
  html,
  truncated_json,
  cut_body,
  oversize,
  no_id,
  byte_order_mark,
  coded,
  // The token answer's expires_in is `value`.
  odd_expiry,
  // These change `metric` of a metrics answer: NaN, 1e400, below or above every range, a text,
  // twice, missing, null.
  not_a_number,
  infinite,
  negative,
  out_of_range,
  text_for_number,
  duplicate_key,
  missing_metric,
  null_metric,
  // The metrics count conversations only `delay` after they happened.
  late_metrics,
};

std::string_view to_string(fault_kind kind);
std::optional<fault_kind> fault_kind_named(std::string_view name);

struct fault {
  fault_kind kind = fault_kind::status;
  // Empty means every bot, and requests that name none.
  std::string bot{};
  // Empty means every call.
  std::vector<call> calls{};
  // The probability that a matching request is struck, 0..1.
  double rate = 1.0;
  // It strikes while from <= t < until, counted from the start of the world.
  duration from{};
  duration until = duration::max();
  // It ends after this many strikes.
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max();
  // For status and status_after, 300..599.
  int status = 503;
  std::optional<duration> retry_after{};
  // Writes Retry-After as an HTTP date instead of seconds.
  bool retry_after_as_date = false;
  // The text of Retry-After; if it is empty, `retry_after` counts.
  std::string retry_after_text{};
  std::optional<duration> delay{};
  std::string metric = "error_rate";
  // A JSON value.
  std::string value = "0";
};

// True for kinds that keep a request from being processed.
bool comes_before_processing(fault_kind kind);

// All faults of one world. Only the seed decides which requests a rate strikes.
class fault_plan {
 public:
  explicit fault_plan(std::uint64_t seed) : seed_{seed} {}

  void add(fault added);
  void clear() { rules_.clear(); }

  // The faults that strike this request, in the order in which they were added. `reused` says that
  // the request's connection has carried another one before. A fault that comes before processing
  // ends the list, so later faults do not count a strike. The pointers are valid until the next
  // add() or clear().
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
