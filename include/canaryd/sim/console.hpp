// The simulator's own paths, for tests and for people who watch it. They need no token.
//
//   GET    /sim/state                               shows deployments, audits, webhooks, counts
//                                                   and violations
//   POST   /sim/faults                              adds a fault or a list of them (scenario.hpp)
//   DELETE /sim/faults                              removes all faults
//   POST   /sim/tokens/revoke                       revokes all tokens given out so far
//   POST   /sim/deployments                         deploys as somebody else: bot_id,
//                                                   environment_id, version, canary (percent)
//   POST   /sim/deployments/{id}/{promote|rollback} promotes or rolls back as somebody else
#pragma once

#include "canaryd/sim/world.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace canaryd::sim {

// Answers a request whose path begins with /sim/. Returns nothing for all others.
std::optional<net::response> answer_console(world& played, const net::request& message,
                                            moment when);

// Makes what GET /sim/state shows. Times are seconds since the start of the world.
boost::json::object describe_state(const world& shown);

}  // namespace canaryd::sim
