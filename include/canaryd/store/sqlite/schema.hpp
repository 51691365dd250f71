// The tables of the state, and how those of an older version become the present ones.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/store/sqlite/sqlite.hpp"

#include <span>

namespace canaryd::store {

// Makes of version n the version n + 1; a failure is left in the connection.
using migration = void (*)(connection& state);

// The first makes version 1 of an empty database. A new version is one more, at the end.
std::span<const migration> migrations();

// Brings a database, whose version is SQLite's `user_version`, up to the last of `steps` in one
// transaction: all or nothing. Errors: fault::refused where it is newer than that, else
// fault::system.
result<void> migrate(connection& state, std::span<const migration> steps = migrations());

// True for the error of a state that a newer program has written.
bool is_newer_schema(const error& problem);

}  // namespace canaryd::store
