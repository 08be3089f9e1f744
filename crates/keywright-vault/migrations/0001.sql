-- Ids are UUIDv7 as text. Times are Unix seconds unless the name says _ms.

CREATE TABLE configuration (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    payload TEXT NOT NULL
) STRICT;

-- What a list shows and sorts by. Kept narrow, so that many rows fit into a page; the rest is in application_detail.
CREATE TABLE application (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    configuration_id TEXT NOT NULL REFERENCES configuration (id),
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    health TEXT NOT NULL,
    health_checked_at INTEGER,
    client_secret_expires_at INTEGER,
    expires_by_ttl_at INTEGER,
    labels TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_used_at INTEGER,
    forgotten_at INTEGER,
    -- Lower-case text that the search looks through, one field per line.
    haystack TEXT NOT NULL,
    -- What the list "recently used" sorts by: a new application counts as used when it was made.
    recent_at INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(last_used_at, created_at)) VIRTUAL,
    -- The sooner of the two expiries; 0 from the provider means never (RFC 7591 section 3.2.1).
    expiry_at INTEGER NOT NULL GENERATED ALWAYS AS (
        min(
            CASE WHEN client_secret_expires_at > 0 THEN client_secret_expires_at ELSE 9223372036854775807 END,
            coalesce(expires_by_ttl_at, 9223372036854775807)
        )
    ) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX application_name ON application (name) WHERE forgotten_at IS NULL;
CREATE INDEX application_by_recent ON application (recent_at DESC, seq DESC) WHERE forgotten_at IS NULL;
CREATE INDEX application_by_name ON application (name COLLATE NOCASE, seq) WHERE forgotten_at IS NULL;
CREATE INDEX application_by_created ON application (created_at DESC, seq DESC) WHERE forgotten_at IS NULL;
CREATE INDEX application_by_expiry ON application (expiry_at, seq) WHERE forgotten_at IS NULL;
CREATE INDEX application_by_configuration ON application (configuration_id, forgotten_at);
CREATE INDEX application_by_health ON application (health) WHERE forgotten_at IS NULL;
CREATE INDEX application_forgotten ON application (forgotten_at) WHERE forgotten_at IS NOT NULL;

CREATE TABLE application_detail (
    application_id TEXT NOT NULL PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,
    payload TEXT NOT NULL
) STRICT;

-- The search: only applications that are not forgotten, so that its counts need no join.
CREATE TABLE application_text (
    seq INTEGER PRIMARY KEY,
    haystack TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE application_search USING fts5 (
    haystack,
    content = 'application_text',
    content_rowid = 'seq',
    tokenize = 'trigram'
);

CREATE TRIGGER application_text_added AFTER INSERT ON application_text BEGIN
    INSERT INTO application_search (rowid, haystack) VALUES (new.seq, new.haystack);
END;
CREATE TRIGGER application_text_removed AFTER DELETE ON application_text BEGIN
    INSERT INTO application_search (application_search, rowid, haystack) VALUES ('delete', old.seq, old.haystack);
END;
CREATE TRIGGER application_added AFTER INSERT ON application WHEN new.forgotten_at IS NULL BEGIN
    INSERT INTO application_text (seq, haystack) VALUES (new.seq, new.haystack);
END;
CREATE TRIGGER application_changed AFTER UPDATE OF haystack, forgotten_at ON application
WHEN old.haystack IS NOT new.haystack OR (old.forgotten_at IS NULL) IS NOT (new.forgotten_at IS NULL) BEGIN
    DELETE FROM application_text WHERE seq = old.seq;
    INSERT INTO application_text (seq, haystack) SELECT new.seq, new.haystack WHERE new.forgotten_at IS NULL;
END;
CREATE TRIGGER application_removed AFTER DELETE ON application BEGIN
    DELETE FROM application_text WHERE seq = old.seq;
END;

-- Secrets stand apart from everything a list shows.
CREATE TABLE secret (
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id TEXT NOT NULL PRIMARY KEY,
    operation TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    application_id TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL,
    remote TEXT NOT NULL,
    draft TEXT NOT NULL,
    error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_open ON journal (created_at) WHERE state NOT IN ('done', 'discarded');

CREATE TABLE token (
    id TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,
    "grant" TEXT NOT NULL,
    scope_asked TEXT,
    audience TEXT,
    issued_at INTEGER NOT NULL,
    revoked_at INTEGER,
    payload TEXT NOT NULL
) STRICT;
CREATE INDEX token_of_application ON token (application_id, issued_at DESC);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,
    origin TEXT NOT NULL,
    last_used_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- The soonest of the idle, rolling and absolute ends.
    dies_at INTEGER NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE INDEX session_of_application ON session (application_id, origin, last_used_at DESC);
CREATE INDEX session_by_use ON session (last_used_at DESC);

CREATE TRIGGER configuration_secrets_gone AFTER DELETE ON configuration BEGIN
    DELETE FROM secret WHERE owner_kind = 'configuration' AND owner_id = old.id;
END;
CREATE TRIGGER application_secrets_gone AFTER DELETE ON application BEGIN
    DELETE FROM secret WHERE owner_kind = 'application' AND owner_id = old.id;
END;
CREATE TRIGGER token_secrets_gone AFTER DELETE ON token BEGIN
    DELETE FROM secret WHERE owner_kind = 'token' AND owner_id = old.id;
END;
CREATE TRIGGER session_secrets_gone AFTER DELETE ON session BEGIN
    DELETE FROM secret WHERE owner_kind = 'session' AND owner_id = old.id;
END;
CREATE TRIGGER journal_secrets_gone AFTER UPDATE OF state ON journal
WHEN new.state IN ('done', 'discarded') BEGIN
    DELETE FROM secret WHERE owner_kind = 'journal' AND owner_id = new.id;
END;

-- Requests and answers, redacted before they come here. No foreign keys: they outlive what they were about.
CREATE TABLE exchange (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    purpose TEXT NOT NULL,
    application_id TEXT,
    configuration_id TEXT,
    actor TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER,
    error TEXT,
    request TEXT NOT NULL,
    response TEXT NOT NULL
) STRICT;
CREATE INDEX exchange_by_time ON exchange (started_at_ms DESC, seq DESC);
CREATE INDEX exchange_of_application ON exchange (application_id, started_at_ms DESC);
CREATE INDEX exchange_of_configuration ON exchange (configuration_id, started_at_ms DESC);
CREATE INDEX exchange_of_flow ON exchange (flow, started_at_ms DESC);

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    application_id TEXT,
    detail TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_of_application ON audit (application_id, seq DESC);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TABLE kv (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
