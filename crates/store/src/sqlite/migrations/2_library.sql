-- Documents, the collections that they are searched in, and the sources that bring them.

CREATE TABLE collections (
    pk INTEGER PRIMARY KEY,
    principal TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The published version of its index, 0 before the first, and the blob that holds it.
    version INTEGER NOT NULL DEFAULT 0,
    published_at INTEGER,
    index_path TEXT,
    index_bytes INTEGER,
    -- Rises with every lease that is given. The lease is free once `leased_until` is past.
    epoch INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0,
    UNIQUE (principal, name),
    CHECK ((version = 0) = (index_path IS NULL)),
    CHECK ((index_path IS NULL) = (index_bytes IS NULL))
) STRICT;

CREATE TABLE documents (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    principal TEXT NOT NULL,
    collection INTEGER NOT NULL REFERENCES collections (pk),
    title TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    passages INTEGER NOT NULL DEFAULT 0,
    -- JSON.
    origin TEXT,
    url TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    -- What is to be done to the index, and since when. A deleted row waits for its removal alone.
    pending TEXT CHECK (pending IN ('put', 'remove')),
    pending_at INTEGER,
    may_be_indexed INTEGER NOT NULL DEFAULT 0,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    -- Ids are chosen by callers: another principal may have the same.
    UNIQUE (principal, id),
    CHECK ((pending IS NULL) = (pending_at IS NULL)),
    CHECK (is_deleted = 0 OR pending = 'remove')
) STRICT;

CREATE INDEX documents_by_age ON documents (principal, created_at, id) WHERE is_deleted = 0;
CREATE INDEX documents_by_collection ON documents (collection) WHERE is_deleted = 0;
CREATE INDEX documents_pending ON documents (collection, pending_at, pk) WHERE pending IS NOT NULL;

CREATE TABLE sources (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    principal TEXT NOT NULL,
    -- JSON, as are `schedule` and `last_run`.
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    collection TEXT NOT NULL,
    schedule TEXT,
    next_run_at INTEGER,
    last_run TEXT,
    validators TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sources_by_age ON sources (principal, created_at, id);
CREATE INDEX sources_due ON sources (next_run_at, pk) WHERE next_run_at IS NOT NULL;

CREATE TABLE source_items (
    source INTEGER NOT NULL REFERENCES sources (pk) ON DELETE CASCADE,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    fingerprint TEXT,
    document TEXT,
    error TEXT,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
