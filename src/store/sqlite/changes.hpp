// All changes of the state. The caller begins and ends the transaction. A failure of SQLite is left
// in the connection.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/store.hpp"
#include "canaryd/store/time_anchor.hpp"

#include "kept_members.hpp"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace canaryd::store {

// Fails, and changes nothing, if another job has that id.
result<void> add_job(connection& state, const job_record& accepted, const moment& now);

// Returns the number of new deliveries that wait. Fails, and changes nothing, if there is no such
// job.
result<std::size_t> commit_transition(connection& state, const transition& made, const moment& now,
                                      const kept_members& kept);

// Returns true if the delivery was waiting.
bool settle(connection& state, std::int64_t sequence, const std::optional<std::string>& refusal,
            wall_time now);

// Counts one more failed attempt.
void postpone(connection& state, std::int64_t sequence, wall_time next_at);

// Removes a limited number of rows, as store::prune() says. Returns 0 if nothing is left to remove.
std::size_t prune_some(connection& state, wall_time older_than);

}  // namespace canaryd::store
