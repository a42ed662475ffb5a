-- Rows are known by integers among themselves and by texts to everybody else. Times are in
-- milliseconds since the Unix epoch.

CREATE TABLE conversations (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    principal TEXT NOT NULL,
    title TEXT,
    model TEXT,
    system TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_update ON conversations (principal, updated_at, id);

CREATE TABLE messages (
    -- Rises in the order in which messages are stored.
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations (pk) ON DELETE CASCADE,
    -- A message of the same conversation. Not a foreign key: the messages of a conversation are
    -- deleted all at once, and each would search for its children.
    parent INTEGER,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    -- JSON, as it travels over HTTP.
    parts TEXT NOT NULL,
    usage TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_conversation ON messages (conversation);

-- The runs of processes that produce turns. One row renews all leases of its holder.
CREATE TABLE holders (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE turns (
    -- The assistant message that it makes.
    message INTEGER PRIMARY KEY REFERENCES messages (pk) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations (pk) ON DELETE CASCADE,
    model TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint BLOB,
    -- Who produces it; NULL once it is over.
    holder INTEGER REFERENCES holders (pk),
    epoch INTEGER NOT NULL,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    finish_reason TEXT,
    -- The end of its log: the last row there, and the number of the last event in it.
    last_batch INTEGER,
    last_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    CHECK ((holder IS NULL) = (finish_reason IS NOT NULL)),
    CHECK ((idempotency_key IS NULL) = (fingerprint IS NULL))
) STRICT;

CREATE UNIQUE INDEX turns_by_conversation ON turns (conversation, idempotency_key);
-- A conversation has at most one running turn.
CREATE UNIQUE INDEX turns_running ON turns (conversation) WHERE holder IS NOT NULL;
CREATE INDEX turns_by_holder ON turns (holder) WHERE holder IS NOT NULL;
CREATE INDEX turns_to_stop ON turns (holder) WHERE holder IS NOT NULL AND stop_requested = 1;

-- The logs of turns. Each row is a run of events and names the one before it; the turn names the
-- last. Rows of all turns stand in the order of their making: thousands of turns that each get a
-- row a second would otherwise touch a page each, and an index on the turn is such a page too.
-- Nothing deletes these rows by itself: who deletes a turn deletes its chain first.
CREATE TABLE turn_batches (
    pk INTEGER PRIMARY KEY,
    turn INTEGER NOT NULL,
    previous INTEGER,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE shared_secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
