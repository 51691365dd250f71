#include "canaryd/store/sqlite/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace canaryd::store {
namespace {

// Most columns of a job's row are there for people and for queries. `canary` is the whole state of
// the canary. Its instants are relative to the boot `boot_id`.
constexpr const char* jobs = R"(
CREATE TABLE jobs (
  arrival           INTEGER PRIMARY KEY,
  job_id            TEXT NOT NULL UNIQUE,
  stem              TEXT NOT NULL,
  state             TEXT NOT NULL,
  reason            TEXT,
  detail            TEXT NOT NULL,
  bot_id            TEXT NOT NULL,
  environment_id    TEXT NOT NULL,
  version           TEXT NOT NULL,
  deployment_id     TEXT,
  accepted_at       TEXT NOT NULL,
  started_at        TEXT,
  ended_at          TEXT,
  base_url          TEXT NOT NULL,
  digest            TEXT NOT NULL,
  source_device     INTEGER NOT NULL,
  source_inode      INTEGER NOT NULL,
  source_modified_ns INTEGER NOT NULL,
  source_changed_ns INTEGER NOT NULL,
  boot_id           TEXT NOT NULL,
  committed_boot_ns INTEGER NOT NULL,
  committed_wall    TEXT NOT NULL,
  spec              TEXT NOT NULL,
  canary            TEXT NOT NULL
);
CREATE INDEX jobs_of_stem ON jobs (stem);
CREATE INDEX jobs_unfinished ON jobs (arrival) WHERE ended_at IS NULL;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
)";

// `number` counts a job's readings from 1.
constexpr const char* readings = R"(
CREATE TABLE readings (
  job_id        TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
  number        INTEGER NOT NULL,
  at            TEXT NOT NULL,
  verdict       TEXT NOT NULL,
  source        TEXT NOT NULL,
  window_s      REAL NOT NULL,
  conversations INTEGER,
  metrics       TEXT NOT NULL,
  problem       TEXT,
  PRIMARY KEY (job_id, number)
) WITHOUT ROWID;
)";

constexpr const char* deployments = R"(
CREATE TABLE deployments (
  deployment_id TEXT PRIMARY KEY,
  job_id        TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX deployments_of_job ON deployments (job_id);
)";

// It refers to jobs without a foreign key, because a refused record outlives its job.
constexpr const char* audit_outbox_of_version_1 = R"(
CREATE TABLE audit_outbox (
  sequence      INTEGER PRIMARY KEY,
  record_id     TEXT NOT NULL UNIQUE,
  job_id        TEXT NOT NULL,
  bot_id        TEXT NOT NULL,
  deployment_id TEXT,
  action        TEXT NOT NULL,
  status        TEXT NOT NULL,
  reason        TEXT,
  actor         TEXT NOT NULL,
  metrics       TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  delivered_at  TEXT,
  refused_at    TEXT,
  refusal       TEXT
);
CREATE INDEX audit_waiting ON audit_outbox (sequence)
  WHERE delivered_at IS NULL AND refused_at IS NULL;
CREATE INDEX audit_waiting_of_job ON audit_outbox (job_id)
  WHERE delivered_at IS NULL AND refused_at IS NULL;
CREATE INDEX audit_delivered ON audit_outbox (delivered_at) WHERE delivered_at IS NOT NULL;
)";

void make_version_1(connection& state) {
  for (const char* table : {jobs, readings, deployments, audit_outbox_of_version_1})
    state.execute(table);
}

// It refers to jobs without a foreign key, because a refused delivery outlives its job. `attempts`
// and `next_at` are there for people.
constexpr const char* deliveries = R"(
CREATE TABLE deliveries (
  sequence     INTEGER PRIMARY KEY,
  id           TEXT NOT NULL,
  destination  TEXT NOT NULL,
  kind         TEXT NOT NULL,
  order_key    TEXT NOT NULL,
  payload      TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_at      TEXT,
  delivered_at TEXT,
  refused_at   TEXT,
  refusal      TEXT,
  UNIQUE (destination, id)
);
CREATE INDEX deliveries_waiting ON deliveries (destination, sequence)
  WHERE delivered_at IS NULL AND refused_at IS NULL;
CREATE INDEX deliveries_waiting_of_key ON deliveries (order_key)
  WHERE delivered_at IS NULL AND refused_at IS NULL;
CREATE INDEX deliveries_delivered ON deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
)";

// Every record becomes a delivery, whatever is in its columns. A record that cannot be read becomes
// a delivery that cannot be read. JSON cannot hold a BLOB, so the columns are cast to text, and
// metrics that are not JSON become a JSON text.
constexpr const char* records_into_deliveries = R"(
INSERT INTO deliveries (sequence, id, destination, kind, order_key, payload, created_at,
                        delivered_at, refused_at, refusal)
SELECT a.sequence, a.record_id, 'audit:api', 'audit_record', a.job_id,
  json_set(json_object('record_id', CAST(a.record_id AS TEXT),
                       'timestamp', CAST(a.created_at AS TEXT),
                       'job_id', CAST(a.job_id AS TEXT),
                       'bot_id', CAST(a.bot_id AS TEXT),
                       'deployment_id', CAST(ifnull(a.deployment_id, '') AS TEXT),
                       'action', CAST(a.action AS TEXT),
                       'status', CAST(a.status AS TEXT),
                       'actor', CAST(a.actor AS TEXT),
                       'reason', CAST(ifnull(a.reason, '') AS TEXT),
                       'base_url', CAST(ifnull(j.base_url, '') AS TEXT)),
           '$.metrics', json(CASE WHEN json_valid(CAST(a.metrics AS TEXT))
                                  THEN CAST(a.metrics AS TEXT)
                                  ELSE json_quote(CAST(a.metrics AS TEXT)) END)),
  a.created_at, a.delivered_at, a.refused_at, a.refusal
FROM audit_outbox a LEFT JOIN jobs j ON j.job_id = a.job_id ORDER BY a.sequence;
DROP TABLE audit_outbox;
)";

// Shows people the audit records among the deliveries, with a column for each of their members.
constexpr const char* audit_outbox = R"(
CREATE VIEW audit_outbox AS
SELECT sequence, id AS record_id, order_key AS job_id, destination,
  record ->> 'bot_id' AS bot_id, nullif(record ->> 'deployment_id', '') AS deployment_id,
  record ->> 'action' AS action, record ->> 'status' AS status,
  nullif(record ->> 'reason', '') AS reason, record ->> 'actor' AS actor,
  record ->> 'metrics' AS metrics, created_at, attempts, next_at, delivered_at, refused_at, refusal
FROM (SELECT *, CASE WHEN json_valid(payload) THEN payload ELSE '{}' END AS record
      FROM deliveries WHERE kind = 'audit_record');
)";

void make_version_2(connection& state) {
  for (const char* part : {deliveries, records_into_deliveries, audit_outbox})
    state.execute(part);
}

constexpr std::array<migration, 2> all_migrations{make_version_1, make_version_2};

std::int64_t version_of(connection& state) {
  auto found = state.query("PRAGMA user_version");
  return found.next() ? found.integer(0) : 0;
}

}  // namespace

std::span<const migration> migrations() {
  return all_migrations;
}

result<void> migrate(connection& state, std::span<const migration> steps) {
  const auto known = static_cast<std::int64_t>(steps.size());
  state.run("BEGIN IMMEDIATE");
  const auto version = version_of(state);
  const bool is_foreign = version < 0 || version > known;
  for (auto next = version; !is_foreign && next < known; ++next)
    steps[static_cast<std::size_t>(next)](state);
  if (!is_foreign && version < known)
    state.execute(fmt::format("PRAGMA user_version = {}", known).c_str());
  state.run("COMMIT");
  const auto done = state.outcome();
  state.roll_back();
  if (done && is_foreign)
    return failure(
        fault::refused,
        fmt::format(
            "the state has schema version {}, but this program knows only versions up to {}",
            version, known));
  return done;
}

bool is_newer_schema(const error& problem) {
  return problem.kind == fault::refused;
}

}  // namespace canaryd::store
