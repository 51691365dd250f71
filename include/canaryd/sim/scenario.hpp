// Reads scenario files of cognigy-sim: JSON that describes bots, versions and faults. Every key is
// optional; an unknown one is an error. Times are seconds, or text like "2m".
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
// `arrivals` is the number of conversations per minute of a bot, over both arms. `metrics_delay` is
// the age at which a conversation first counts. A promote is answered with 202 and done
// `promote_delay` later, or "never". A list is an object with `items`, or a `bare` array. An empty
// list is a `list`, `null`, `null_items`, a 200 with `no_body` or a 204 with `no_content`. A list
// longer than `page_size` comes in pages; a `url`, a `cursor` or a `link` names the next one.
// sim/profile.hpp and sim/fault.hpp explain profiles and faults. A profile has `from` or `at`, not
// both.
#pragma once

#include "canaryd/sim/world.hpp"
#include "canaryd/text/problem.hpp"

#include <boost/json/value.hpp>

#include <expected>
#include <string_view>

namespace canaryd::sim {

// Applies a scenario to `options`. If the scenario has problems, returns all of them with their
// places, and `options` must not be used.
std::expected<void, text::problem_list> apply_scenario(std::string_view bytes,
                                                       world_options& options);

// Reads one element of `faults`.
std::expected<fault, text::problem_list> read_fault(const boost::json::value& value);

}  // namespace canaryd::sim
