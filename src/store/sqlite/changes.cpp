#include "changes.hpp"

#include "canaryd/job/job_file.hpp"
#include "canaryd/text/wall_text.hpp"

#include "row_text.hpp"
#include <bit>

namespace canaryd::store {
namespace {

std::optional<std::string> reason_of(const canary::canary& current) {
  return why_of(current) ? text_or_null(to_string(*why_of(current))) : std::nullopt;
}

// A job whose ended_at is NULL has not ended.
std::optional<std::string> end_of(const canary::canary& current) {
  if (!canary::is_final(current))
    return std::nullopt;
  return text::format_wall_time(current.ended_at);
}

void own_deployment(connection& state, const std::string& deployment_id,
                    const std::string& job_id) {
  state.run(
      "INSERT INTO deployments (deployment_id, job_id) VALUES (?, ?) "
      "ON CONFLICT (deployment_id) DO UPDATE SET job_id = excluded.job_id",
      deployment_id, job_id);
}

void own_deployments(connection& state, const std::string& platform,
                     const canary::canary& current) {
  if (!current.deployment_id.empty())
    own_deployment(state, deployment_key(platform, current.deployment_id), current.job_id);
  for (const auto& surplus : current.surplus_deployments)
    own_deployment(state, deployment_key(platform, surplus), current.job_id);
}

bool has_deployments(const canary::canary& current) {
  return !current.deployment_id.empty() || !current.surplus_deployments.empty();
}

std::string stored_platform(connection& state, const std::string& job_id) {
  auto found = state.query("SELECT spec FROM jobs WHERE job_id = ?", job_id);
  return platform_of(found.next() ? found.text(0) : std::string_view{});
}

// A repeated commit writes the same row again.
void add_reading(connection& state, const std::string& job_id, const numbered_reading& added) {
  const auto& taken = added.taken;
  state.run(
      "INSERT OR REPLACE INTO readings "
      "(job_id, number, at, verdict, source, window_s, conversations, metrics, problem) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      job_id, added.number, text::format_wall_time(taken.at), to_string(taken.outcome),
      to_string(taken.source), std::chrono::duration<double>{taken.window}.count(),
      taken.conversations, judged_metrics_text(taken), text_or_null(taken.problem));
}

// Returns 1 if the delivery is new, and 0 if a repeated commit finds it there.
std::size_t add_delivery(connection& state, const delivery& added) {
  return static_cast<std::size_t>(
      state.run("INSERT INTO deliveries (id, destination, kind, order_key, payload, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (destination, id) DO NOTHING",
                added.id, added.destination, added.kind, added.order_key, added.payload,
                text::format_wall_time(added.created_at)));
}

}  // namespace

result<void> add_job(connection& state, const job_record& accepted, const moment& now) {
  const auto& current = accepted.canary;
  const auto& spec = accepted.spec;
  const auto wall = text::format_wall_time(now.wall);
  const auto changed = state.run(
      "INSERT INTO jobs (job_id, stem, state, reason, detail, bot_id, environment_id, version, "
      "deployment_id, accepted_at, started_at, ended_at, base_url, digest, source_device, "
      "source_inode, source_modified_ns, source_changed_ns, boot_id, committed_boot_ns, "
      "committed_wall, spec, canary) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (job_id) DO UPDATE SET stem = excluded.stem, state = excluded.state, "
      "reason = excluded.reason, detail = excluded.detail, bot_id = excluded.bot_id, "
      "environment_id = excluded.environment_id, version = excluded.version, "
      "deployment_id = excluded.deployment_id, accepted_at = excluded.accepted_at, "
      "started_at = excluded.started_at, ended_at = excluded.ended_at, "
      "base_url = excluded.base_url, digest = excluded.digest, "
      "source_device = excluded.source_device, source_inode = excluded.source_inode, "
      "source_modified_ns = excluded.source_modified_ns, "
      "source_changed_ns = excluded.source_changed_ns, boot_id = excluded.boot_id, "
      "committed_boot_ns = excluded.committed_boot_ns, committed_wall = excluded.committed_wall, "
      "spec = excluded.spec, canary = excluded.canary "
      // A canary that cannot be read may belong to any job, so its row stays.
      "WHERE CASE WHEN json_valid(jobs.canary) THEN "
      "json_extract(jobs.canary, '$.uid') = json_extract(excluded.canary, '$.uid') END",
      current.job_id, accepted.stem, to_string(state_of(current)), reason_of(current),
      current.detail, spec.bot_id, spec.environment_id, spec.version,
      text_or_null(current.deployment_id), wall, time_or_null(current.started_at), end_of(current),
      accepted.base_url, accepted.digest, std::bit_cast<std::int64_t>(accepted.source.device),
      std::bit_cast<std::int64_t>(accepted.source.inode), accepted.source.modified_ns,
      accepted.source.changed_ns, now.boot_id, std::int64_t{now.boot.time_since_epoch().count()},
      wall, job::write_job_file(spec), canary_text(current, {}));
  if (changed == 0 && !state.failure())
    return failure(fault::system,
                   "the state already has another job with the id " + current.job_id);
  own_deployments(state, spec.platform, current);
  return {};
}

result<std::size_t> commit_transition(connection& state, const transition& made, const moment& now,
                                      const kept_members& kept) {
  const auto& current = made.canary;
  const auto unknown = kept.of_job.find(current.job_id);
  const auto changed = state.run(
      "UPDATE jobs SET state = ?, reason = ?, detail = ?, deployment_id = ?, started_at = ?, "
      "ended_at = ?, boot_id = ?, committed_boot_ns = ?, committed_wall = ?, canary = ? "
      "WHERE job_id = ?",
      to_string(state_of(current)), reason_of(current), current.detail,
      text_or_null(current.deployment_id), time_or_null(current.started_at), end_of(current),
      now.boot_id, std::int64_t{now.boot.time_since_epoch().count()},
      text::format_wall_time(now.wall),
      canary_text(current, unknown == kept.of_job.end() ? boost::json::object{} : unknown->second),
      current.job_id);
  if (changed == 0 && !state.failure())
    return failure(fault::system, "the state has no job with the id " + current.job_id);
  if (!made.is_mere_reading && has_deployments(current))
    own_deployments(state, stored_platform(state, current.job_id), current);
  for (const auto& added : made.readings)
    add_reading(state, current.job_id, added);
  std::size_t waiting = 0;
  for (const auto& added : made.deliveries)
    waiting += add_delivery(state, added);
  return waiting;
}

bool settle(connection& state, std::int64_t sequence, const std::optional<std::string>& refusal,
            wall_time now) {
  const auto at = text::format_wall_time(now);
  if (!refusal)
    return state.run(
               "UPDATE deliveries SET delivered_at = ?, next_at = NULL "
               "WHERE sequence = ? AND delivered_at IS NULL AND refused_at IS NULL",
               at, sequence) > 0;
  return state.run(
             "UPDATE deliveries SET refused_at = ?, refusal = ?, next_at = NULL "
             "WHERE sequence = ? AND delivered_at IS NULL AND refused_at IS NULL",
             at, *refusal, sequence) > 0;
}

void postpone(connection& state, std::int64_t sequence, wall_time next_at) {
  state.run(
      "UPDATE deliveries SET attempts = attempts + 1, next_at = ? "
      "WHERE sequence = ? AND delivered_at IS NULL AND refused_at IS NULL",
      text::format_wall_time(next_at), sequence);
}

std::size_t prune_some(connection& state, wall_time older_than) {
  constexpr std::int64_t limit = 500;
  const auto before = text::format_wall_time(older_than);
  auto removed = state.run(
      "DELETE FROM deliveries WHERE sequence IN "
      "(SELECT sequence FROM deliveries WHERE delivered_at < ? LIMIT ?)",
      before, limit);
  const auto readings = state.run(
      "DELETE FROM readings WHERE (job_id, number) IN "
      "(SELECT r.job_id, r.number FROM jobs j JOIN readings r ON r.job_id = j.job_id "
      " WHERE j.ended_at < ? AND NOT EXISTS (SELECT 1 FROM deliveries d "
      "  WHERE d.order_key = j.job_id AND d.delivered_at IS NULL AND d.refused_at IS NULL) LIMIT "
      "?)",
      before, limit);
  removed += readings;
  // Readings are removed before their jobs, so that no job takes thousands of rows with it at once.
  if (readings < limit)
    removed += state.run(
        "DELETE FROM jobs WHERE arrival IN (SELECT arrival FROM jobs j WHERE j.ended_at < ? "
        " AND NOT EXISTS (SELECT 1 FROM deliveries d "
        "  WHERE d.order_key = j.job_id AND d.delivered_at IS NULL AND d.refused_at IS NULL) LIMIT "
        "?)",
        before, limit);
  return static_cast<std::size_t>(removed);
}

}  // namespace canaryd::store
