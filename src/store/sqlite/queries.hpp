// Every question to the state. A failure of SQLite is left in the connection.
#pragma once

#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/store.hpp"
#include "canaryd/store/time_anchor.hpp"

#include "kept_members.hpp"
#include <cstddef>
#include <string>
#include <vector>

namespace canaryd::store {

// With instants that count in the boot of `now`; `kept` becomes what is kept of these jobs.
unfinished find_unfinished(connection& state, const moment& now, kept_members& kept);

// As store::ended_before_this_boot() says; rows that cannot be read are left out.
std::vector<job_record> find_ended_before(connection& state, const moment& now);

// Nothing where there is no such job; an error where its row cannot be read.
result<std::optional<job_record>> find_job(connection& state, const std::string& job_id,
                                           const moment& now);

// As store::readings_of() says.
std::vector<judge::reading> find_readings(connection& state, const std::string& job_id,
                                          std::size_t limit);

name_history find_history(connection& state, const std::string& stem);

std::vector<std::string> find_owned_by_others(connection& state, const std::string& platform,
                                              const std::string& job_id,
                                              const std::vector<std::string>& deployment_ids);

// As store::due_deliveries() says.
std::vector<delivery> find_due(connection& state, const due_question& asked);

std::vector<std::string> find_waiting_destinations(connection& state);

std::size_t count_undelivered(connection& state);

}  // namespace canaryd::store
