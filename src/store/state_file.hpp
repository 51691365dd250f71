// The file of the state: opened, checked, brought up to date, or replaced.
#pragma once

#include "canaryd/core/error.hpp"
#include "canaryd/store/sqlite.hpp"
#include "canaryd/store/sqlite_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace canaryd::store {

struct opened_state {
  std::unique_ptr<connection> state;
  std::optional<set_aside_state> set_aside;
};

// As open_sqlite_store says; `now` names a file that is moved.
core::result<opened_state> open_state(const std::filesystem::path& file, core::wall_time now);

}  // namespace canaryd::store
