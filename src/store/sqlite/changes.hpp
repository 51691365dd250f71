// Every change of the state, each inside a transaction of its caller. A failure is left in the
// connection.
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

// An error, with nothing changed, where the id is that of another job.
result<void> add_job(connection& state, const job_record& accepted, const moment& now);

// The number of deliveries that wait since; an error, before anything is changed, where there is no
// such job.
result<std::size_t> commit_transition(connection& state, const transition& made, const moment& now,
                                      const kept_members& kept);

// True where the delivery waited until now.
bool settle(connection& state, std::int64_t sequence, const std::optional<std::string>& refusal,
            wall_time now);

// One more attempt in vain.
void postpone(connection& state, std::int64_t sequence, wall_time next_at);

// Removes a limited number of rows, as sqlite_store::prune says; 0 where nothing is left to remove.
std::size_t prune_some(connection& state, wall_time older_than);

}  // namespace canaryd::store
