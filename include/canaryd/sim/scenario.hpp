// Scenario files of cognigy-sim: JSON that says what bots, versions and faults are like. Every key
// is optional; an unknown one is an error. Times are seconds, or text like "2m".
//
//   {
//     "seed": 7,
//     "arrivals": 6000,
//     "token_lifetime": 3600, "metrics_delay": 0, "answer_delay": 0.02,
//     "promote_delay": "8s", "numeric_ids": false,
//     "lists": "items", "empty_lists": "list", "page_size": 0, "pages": "url", "odd_items": false,
//     "bots": {"bot_a": {"arrivals": 1200, "stable_version": "1.0", "versions": ["1.0", "2.0"]}},
//     "profiles": [{"bot": "*", "version": "2.*", "from": 120, "error_rate": 0.2,
//                   "satisfaction_score": 4.1, "satisfaction_spread": 0.5,
//                   "avg_latency_ms": 300, "latency_spread_ms": 80, "rated": 0.5,
//                   "escalation_rate": 0.1},
//                  {"at": 600, "error_rate": 0.3}],
//     "faults": [{"kind": "status", "status": 503, "retry_after": 5, "retry_after_as_date": false,
//                 "bot": "bot_a", "calls": ["deploy"], "rate": 0.5, "from": 0, "until": 60,
//                 "count": 1, "delay": 2, "metric": "error_rate",
//                 "retry_after_text": "soon", "value": "3600"}]
//   }
//
// `arrivals` are conversations a minute of a bot, over both arms; `metrics_delay` is how long ago a
// conversation must have been to be seen. A promote is answered 202 and done `promote_delay` later,
// or "never". Lists are an object with `items` or a `bare` array; an empty one is a `list`, `null`,
// `null_items`, a 200 with `no_body` or a 204 with `no_content`; a list that is longer than
// `page_size` comes in pages, the next of which is named by a `url`, a `cursor` or a `link`. What a
// profile and a fault mean is in sim/profile.hpp and sim/fault.hpp; a profile has `from` or `at`,
// not both.
#pragma once

#include "canaryd/sim/world.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/value.hpp>

#include <expected>
#include <string_view>

namespace canaryd::sim {

// Applies a scenario to `options`, which is undefined where the scenario has problems: all of them
// are returned, with their places.
std::expected<void, text::problem_list> apply_scenario(std::string_view bytes,
                                                       world_options& options);

// Reads one element of `faults`.
std::expected<fault, text::problem_list> read_fault(const boost::json::value& value);

}  // namespace canaryd::sim
