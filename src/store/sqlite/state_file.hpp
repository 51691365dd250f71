// Opens the file of the state, checks it, and brings it up to date or replaces it.
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

// See open_sqlite_store(). `now` becomes part of the name of a corrupt file that is moved.
result<opened_state> open_state(const std::filesystem::path& file, wall_time now);

// Writes all that `open` has to a new file in the place of its file, with a log and an index of its
// own, and opens that. `open` does not change. If this fails, its file does not change either, if
// it is still there.
result<std::unique_ptr<connection>> rewrite_state(connection& open);

}  // namespace canaryd::store
