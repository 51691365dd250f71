#include "other_version.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace canaryd::simulation {
namespace {

// This version allows a label of 63 characters and a window of a day; these rows exceed that.
constexpr const char* leave_rows = R"(
UPDATE jobs SET
  canary = json_set(json_remove(canary, '$.token_failures', '$.odd_status'),
                    '$.from_the_future', json_object('run', ?1, 'list', json('[1,null,{}]')),
                    '$.hold.from_the_future', ?1,
                    '$.readings.from_the_future', ?1),
  spec = json_set(json_remove(spec, '$.enable_metric_aggregation'),
                  '$.from_the_future', ?1,
                  '$.window_minutes', 3000,
                  '$.labels', json_object(printf('%.100c', 'x'), ''))
WHERE job_id = ?2)";

constexpr const char* kept_rows = R"(
SELECT coalesce(json_extract(canary, '$.from_the_future.run') = ?1
    AND json_extract(canary, '$.from_the_future.list') = '[1,null,{}]'
    AND json_extract(canary, '$.hold.from_the_future') = ?1
    AND json_extract(canary, '$.readings.from_the_future') = ?1
    AND json_extract(spec, '$.from_the_future') = ?1, 0)
FROM jobs WHERE job_id = ?2)";

constexpr const char* whole_row = R"(
SELECT state || detail || boot_id || committed_boot_ns || committed_wall || spec || canary
FROM jobs WHERE job_id = ?)";

void require_sound(const store::connection& state) {
  if (const auto done = state.outcome(); !done)
    throw std::logic_error{"another version cannot use the state: " + done.error().text};
}

std::string first_text(store::connection& state, const char* sql, const std::string& job_id) {
  auto found = state.query(sql, job_id);
  return std::string{found.next() ? found.text(0) : std::string_view{}};
}

std::vector<std::string> unfinished_ids(store::connection& state) {
  std::vector<std::string> ids;
  auto found = state.query("SELECT job_id FROM jobs WHERE ended_at IS NULL ORDER BY arrival");
  while (found.next())
    ids.emplace_back(found.text(0));
  return ids;
}

}  // namespace

void other_version::run(const std::filesystem::path& state_db) {
  ++runs_;
  store::connection state{state_db};
  for (const auto& id : unfinished_ids(state)) {
    if (id == hidden_)
      continue;
    state.run(leave_rows, std::int64_t{runs_}, id);
    left_[id] = runs_;
  }
  require_sound(state);
}

std::vector<std::string> other_version::lost(const std::filesystem::path& state_db) const {
  std::vector<std::string> problems;
  store::connection state{state_db};
  for (const auto& [id, run] : left_) {
    if (id == hidden_)
      continue;
    auto kept = state.query(kept_rows, std::int64_t{run}, id);
    if (!kept.next() || kept.integer(0) == 0)
      problems.push_back(fmt::format("{}: what another version has stored is lost", id));
  }
  require_sound(state);
  return problems;
}

void other_version::hide(const std::filesystem::path& state_db, const std::string& job_id,
                         const std::string& change) {
  store::connection state{state_db};
  hidden_ = job_id;
  readable_spec_ = first_text(state, "SELECT spec FROM jobs WHERE job_id = ?", hidden_);
  readable_canary_ = first_text(state, "SELECT canary FROM jobs WHERE job_id = ?", hidden_);
  state.run(fmt::format("UPDATE jobs SET {} WHERE job_id = ?", change), hidden_);
  row_ = first_text(state, whole_row, hidden_);
  require_sound(state);
}

bool other_version::hide_one(const std::filesystem::path& state_db, double pick) {
  std::vector<std::string> ids;
  {
    store::connection state{state_db};
    ids = unfinished_ids(state);
  }
  if (ids.empty())
    return false;
  hide(state_db, ids[static_cast<std::size_t>(pick * static_cast<double>(ids.size()))]);
  return true;
}

std::optional<std::string> other_version::show_job(const std::filesystem::path& state_db) {
  const auto id = std::exchange(hidden_, {});
  store::connection state{state_db};
  if (first_text(state, whole_row, id) != row_)
    return fmt::format("{}: its row was changed although nobody can read it", id);
  state.run("UPDATE jobs SET spec = ?, canary = ? WHERE job_id = ?", readable_spec_,
            readable_canary_, id);
  require_sound(state);
  return std::nullopt;
}

}  // namespace canaryd::simulation
