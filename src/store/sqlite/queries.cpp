#include "queries.hpp"

#include "canaryd/canary/canary_json.hpp"
#include "canaryd/canary/missing_member.hpp"
#include "canaryd/job/job_file.hpp"
#include "canaryd/job/stored_job.hpp"
#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

#include "row_text.hpp"
#include <algorithm>
#include <bit>
#include <unordered_set>

namespace canaryd::store {
namespace {

// How many digests of one name are looked at, the newest first.
constexpr std::int64_t max_digests = 10'000;
// More jobs than this cannot end before the kernel has written their files to disk.
constexpr std::int64_t most_ended = 1000;

file_identity read_source(const rows& found, int first_column) {
  return {.device = std::bit_cast<std::uint64_t>(found.integer(first_column)),
          .inode = std::bit_cast<std::uint64_t>(found.integer(first_column + 1)),
          .modified_ns = found.integer(first_column + 2),
          .changed_ns = found.integer(first_column + 3)};
}

// Selects what read_job() reads, in its order.
std::string job_query(std::string_view condition) {
  return fmt::format(
      "SELECT arrival, job_id, stem, digest, base_url, source_device, source_inode, "
      "source_modified_ns, source_changed_ns, boot_id, committed_boot_ns, committed_wall, spec, "
      "canary, bot_id, environment_id, version, deployment_id, state, ended_at FROM jobs {}",
      condition);
}

result<job_record> read_job(const rows& found, const moment& now, boost::json::object& unknown) {
  job_record job;
  job.arrival = found.integer(0);
  job.stem = found.text(2);
  job.digest = found.text(3);
  job.base_url = found.text(4);
  job.source = read_source(found, 5);
  auto spec = job::read_stored_job(found.text(12));
  if (!spec)
    return std::unexpected{std::move(spec.error())};
  job.spec = *std::move(spec);
  if (job::write_job_file(job.spec) != found.text(12))
    job.spec_as_stored = found.text(12);
  auto stored = parse_canary(found.text(13));
  if (!stored)
    return std::unexpected{std::move(stored.error())};
  job.canary = std::move(stored->canary);
  unknown = std::move(stored->unknown);
  if (const auto missing = canary::missing_member(job.spec, job.canary))
    return failure(fault::malformed, fmt::format("a stored canary in state {} has no {}",
                                                 to_string(state_of(job.canary)), *missing));
  const auto committed_wall = text::parse_wall_time(found.text(11));
  if (!committed_wall || job.canary.job_id != found.text(1) ||
      canary::is_final(job.canary) == found.is_null(19))
    return failure(fault::malformed, "its columns contradict each other");
  const moment committed{std::string{found.text(9)}, instant{duration{found.integer(10)}},
                         *committed_wall};
  canary::shift_instants(job.canary, shift_between(committed, now));
  return job;
}

unreadable_job read_columns(const rows& found, std::string problem) {
  return {.job_id = std::string{found.text(1)},
          .bot_id = std::string{found.text(14)},
          .environment_id = std::string{found.text(15)},
          .version = std::string{found.text(16)},
          .deployment_id = std::string{found.text(17)},
          .state = std::string{found.text(18)},
          .problem = std::move(problem)};
}

// Reads what find_due() selects, in its order. Only the sink has to understand the payload.
delivery read_delivery(const rows& found) {
  return {.sequence = found.integer(0),
          .id = std::string{found.text(1)},
          .destination = std::string{found.text(2)},
          .kind = std::string{found.text(3)},
          .order_key = std::string{found.text(4)},
          .payload = std::string{found.text(5)},
          .created_at = text::parse_wall_time(found.text(6)).value_or(wall_time{}),
          .attempts = found.integer(7)};
}

// Reads what find_readings() selects, in its order.
std::optional<judge::reading> read_reading(const rows& found) {
  const auto at = text::parse_wall_time(found.text(0));
  const auto outcome = text::from_word<judge::verdict>(found.text(1));
  auto metrics = parse_judged_metrics(found.text(5));
  if (!at || !outcome || !metrics)
    return std::nullopt;
  judge::reading taken;
  taken.at = *at;
  taken.outcome = *outcome;
  taken.source = text::from_word<judge::metrics_source>(found.text(2))
                     .value_or(judge::metrics_source::unknown);
  taken.window =
      std::chrono::duration_cast<duration>(std::chrono::duration<double>{found.number(3)});
  if (!found.is_null(4))
    taken.conversations = found.integer(4);
  taken.metrics = *std::move(metrics);
  taken.problem = found.text(6);
  return taken;
}

}  // namespace

unfinished find_unfinished(connection& state, const moment& now, kept_members& kept) {
  unfinished all;
  kept.of_job.clear();
  auto found = state.query(job_query("WHERE ended_at IS NULL ORDER BY arrival"));
  while (found.next()) {
    boost::json::object unknown;
    auto job = read_job(found, now, unknown);
    if (!job) {
      all.unreadable.push_back(read_columns(found, std::move(job.error().text)));
      continue;
    }
    if (!unknown.empty())
      kept.of_job.emplace(job->canary.job_id, std::move(unknown));
    all.jobs.push_back(*std::move(job));
  }
  return all;
}

std::vector<job_record> find_ended_before(connection& state, const moment& now) {
  std::vector<job_record> ended;
  auto found = state.query(
      job_query("WHERE ended_at IS NOT NULL AND boot_id <> ? ORDER BY ended_at DESC LIMIT ?"),
      now.boot_id, most_ended);
  while (found.next()) {
    boost::json::object unknown;
    if (auto job = read_job(found, now, unknown))
      ended.push_back(*std::move(job));
  }
  return ended;
}

result<std::optional<job_record>> find_job(connection& state, const std::string& job_id,
                                           const moment& now) {
  auto found = state.query(job_query("WHERE job_id = ?"), job_id);
  if (!found.next())
    return std::nullopt;
  boost::json::object unknown;
  return read_job(found, now, unknown);
}

std::vector<judge::reading> find_readings(connection& state, const std::string& job_id,
                                          std::size_t limit) {
  std::vector<judge::reading> newest_first;
  auto found = state.query(
      "SELECT at, verdict, source, window_s, conversations, metrics, problem FROM readings "
      "WHERE job_id = ? ORDER BY number DESC LIMIT ?",
      job_id, static_cast<std::int64_t>(limit));
  while (found.next()) {
    if (auto taken = read_reading(found))
      newest_first.push_back(*std::move(taken));
  }
  std::ranges::reverse(newest_first);
  return newest_first;
}

name_history find_history(connection& state, const std::string& stem) {
  name_history history;
  // This is the highest run and not the number of rows, because earlier runs may have been pruned.
  auto runs = state.query(
      "SELECT max(max(1, CAST(substr(job_id, length(stem) + 2) AS INTEGER))) FROM jobs "
      "WHERE stem = ?",
      stem);
  if (runs.next())
    history.runs =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(runs.integer(0), 0, INT32_MAX));
  auto latest = state.query(
      "SELECT job_id, source_device, source_inode, source_modified_ns, source_changed_ns, "
      "ended_at IS NOT NULL FROM jobs WHERE stem = ? ORDER BY arrival DESC LIMIT 1",
      stem);
  if (latest.next())
    history.latest = latest_run{.job_id = std::string{latest.text(0)},
                                .source = read_source(latest, 1),
                                .has_ended = latest.integer(5) != 0};
  auto promoted = state.query(
      "SELECT digest FROM jobs WHERE stem = ? AND state = 'promoted_to_stable' "
      "ORDER BY arrival DESC LIMIT ?",
      stem, max_digests);
  while (promoted.next())
    history.promoted_digests.emplace_back(promoted.text(0));
  return history;
}

std::vector<std::string> find_owned_by_others(connection& state, const std::string& platform,
                                              const std::string& job_id,
                                              const std::vector<std::string>& deployment_ids) {
  std::vector<std::string> owned;
  for (const auto& id : deployment_ids) {
    auto other = state.query("SELECT 1 FROM deployments WHERE deployment_id = ? AND job_id <> ?",
                             deployment_key(platform, id), job_id);
    if (other.next())
      owned.push_back(id);
  }
  return owned;
}

std::vector<delivery> find_due(connection& state, const due_question& asked) {
  std::vector<delivery> due;
  // Order keys that need no other delivery.
  std::unordered_set<std::string> has_one{asked.busy.begin(), asked.busy.end()};
  auto waiting = state.query(
      "SELECT sequence, id, destination, kind, order_key, payload, created_at, attempts "
      "FROM deliveries WHERE destination = ? AND delivered_at IS NULL AND refused_at IS NULL "
      "ORDER BY sequence",
      asked.destination);
  while (due.size() < asked.limit && waiting.next()) {
    if (!asked.passed_over.contains(waiting.integer(0)) && has_one.emplace(waiting.text(4)).second)
      due.push_back(read_delivery(waiting));
  }
  return due;
}

std::vector<std::string> find_waiting_destinations(connection& state) {
  std::vector<std::string> found;
  auto waiting = state.query(
      "SELECT DISTINCT destination FROM deliveries "
      "WHERE delivered_at IS NULL AND refused_at IS NULL ORDER BY destination");
  while (waiting.next())
    found.emplace_back(waiting.text(0));
  return found;
}

std::size_t count_undelivered(connection& state) {
  auto counted = state.query(
      "SELECT count(*) FROM deliveries WHERE delivered_at IS NULL AND refused_at IS NULL");
  return counted.next() ? static_cast<std::size_t>(counted.integer(0)) : 0;
}

}  // namespace canaryd::store
