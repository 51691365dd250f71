// The file of the state: opened, checked, brought up to date, or replaced.
#pragma once

#include "canaryd/base/error.hpp"
#include "canaryd/store/sqlite/sqlite.hpp"
#include "canaryd/store/sqlite/sqlite_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace canaryd::store {

struct opened_state {
  std::unique_ptr<connection> state;
  std::optional<set_aside_state> set_aside;
};

// As open_sqlite_store says; `now` names a file that is moved.
result<opened_state> open_state(const std::filesystem::path& file, wall_time now);

// Writes all that `open` has to the place of its file, with a log and an index of its own, and
// opens that. `open` is as it was; where the result is an error, so is its file, if it is still
// there.
result<std::unique_ptr<connection>> rewrite_state(connection& open);

}  // namespace canaryd::store
