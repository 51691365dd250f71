// Makes the tables of the state, and turns those of an older version into the present ones.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/store/sqlite/sqlite.hpp"

#include <span>

namespace canaryd::store {

// Turns version n into version n + 1. A failure is left in the connection.
using migration = void (*)(connection& state);

// The first migration turns an empty database into version 1. For a new version, one is added at
// the end.
std::span<const migration> migrations();

// Brings a database up to the last of `steps`, in one transaction. Its version is SQLite's
// `user_version`. Fails as fault::refused if the database is newer than that, otherwise as
// fault::system.
result<void> migrate(connection& state, std::span<const migration> steps = migrations());

// True if migrate() has failed because a newer program has written the state.
bool is_newer_schema(const error& problem);

}  // namespace canaryd::store
