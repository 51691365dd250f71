-- The tables of schema version 1. README.md says what is in the other parts.
PRAGMA foreign_keys = OFF;

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

CREATE TABLE deployments (
  deployment_id TEXT PRIMARY KEY,
  job_id        TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX deployments_of_job ON deployments (job_id);

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

PRAGMA user_version = 1;
