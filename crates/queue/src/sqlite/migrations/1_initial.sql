-- Moments are milliseconds after the epoch.

CREATE TABLE jobs (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job TEXT NOT NULL,
    enqueued_at INTEGER NOT NULL,
    -- From when on it may be handed out.
    visible_at INTEGER NOT NULL,
    -- How often it was handed out.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Whether its last delivery was neither ended nor given back.
    handed_out INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX jobs_by_visibility ON jobs (visible_at);

CREATE TABLE dead_jobs (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    job TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL
) STRICT;

CREATE INDEX dead_jobs_by_death ON dead_jobs (died_at);
