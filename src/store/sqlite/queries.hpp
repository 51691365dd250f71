// All queries to the state. A failure of SQLite is left in the connection.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/store.hpp"
#include "canaryd/store/time_anchor.hpp"

#include "kept_members.hpp"
#include <cstddef>
#include <string>
#include <vector>

namespace canaryd::store {

// Returns the jobs that have not ended. Their instants are moved to the boot of `now`. Fills `kept`
// with the unknown members of these jobs.
unfinished find_unfinished(connection& state, const moment& now, kept_members& kept);

// See store::ended_before_this_boot(). Rows that cannot be read are left out.
std::vector<job_record> find_ended_before(connection& state, const moment& now);

// Returns nothing if there is no such job. Fails if its row cannot be read.
result<std::optional<job_record>> find_job(connection& state, const std::string& job_id,
                                           const moment& now);

// See store::readings_of().
std::vector<judge::reading> find_readings(connection& state, const std::string& job_id,
                                          std::size_t limit);

name_history find_history(connection& state, const std::string& stem);

std::vector<std::string> find_owned_by_others(connection& state, const std::string& platform,
                                              const std::string& job_id,
                                              const std::vector<std::string>& deployment_ids);

// See store::due_deliveries().
std::vector<delivery> find_due(connection& state, const due_question& asked);

std::vector<std::string> find_waiting_destinations(connection& state);

std::size_t count_undelivered(connection& state);

}  // namespace canaryd::store
