// The simulator's own paths, beside the API's: what a test or a person at the keyboard wants to see
// and do. They need no token.
//
//   GET    /sim/state                              deployments, audits, webhooks, counts,
//   violations POST   /sim/faults                             adds a fault, or a list of them
//   (sim/scenario.hpp) DELETE /sim/faults                             removes all faults POST
//   /sim/tokens/revoke                      revokes all tokens given out so far POST
//   /sim/deployments                        somebody else deploys: bot_id, environment_id,
//                                                  version, canary (percent)
//   POST   /sim/deployments/{id}/{promote|rollback}
#pragma once

#include "canaryd/sim/world.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace canaryd::sim {

// The answer to a request whose path begins with /sim/; nothing for all others.
std::optional<net::response> answer_console(world& played, const net::request& message,
                                            moment when);

// What GET /sim/state shows. Times are seconds since the start of the world.
boost::json::object describe_state(const world& shown);

}  // namespace canaryd::sim
