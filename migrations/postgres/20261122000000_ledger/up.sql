CREATE FUNCTION consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger only grows', TG_OP, TG_TABLE_NAME;
END $$;

-- The end of the ledger: moved by compare-and-swap as the first statement of every append.
CREATE TABLE head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    root BYTEA NOT NULL CHECK (length(root) = 32),
    received_at BIGINT NOT NULL, -- of the last entry, in microseconds since 1970
    pepper INTEGER NOT NULL CHECK (pepper >= 0) -- number of the newest pepper under which tokens were made
);
INSERT INTO head VALUES (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0);
CREATE TRIGGER head_only_grows BEFORE UPDATE ON head FOR EACH ROW WHEN (NEW.size <= OLD.size)
EXECUTE FUNCTION consent_refuse();
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON head EXECUTE FUNCTION consent_refuse();

-- The public part: commitments, never anything personal.
CREATE TABLE entries (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq >= 0),
    bytes BYTEA NOT NULL CHECK (length(bytes) BETWEEN 1 AND 1024),
    leaf BYTEA NOT NULL CHECK (length(leaf) = 32)
);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
EXECUTE FUNCTION consent_refuse();

-- Full tiles of the Merkle tree.
CREATE TABLE tiles (
    level INTEGER NOT NULL CHECK (level >= 0),
    n BIGINT NOT NULL CHECK (n >= 0),
    bytes BYTEA NOT NULL CHECK (length(bytes) = 8192),
    PRIMARY KEY (level, n)
);
CREATE TRIGGER tiles_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON tiles
EXECUTE FUNCTION consent_refuse();

-- Signed checkpoints, all kept.
CREATE TABLE checkpoints (
    size BIGINT NOT NULL PRIMARY KEY CHECK (size >= 0),
    note TEXT NOT NULL CHECK (length(note) <= 4096)
);
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
EXECUTE FUNCTION consent_refuse();

-- Which entries are about whom, by keyed hash.
CREATE TABLE tokens (
    token BYTEA NOT NULL CHECK (length(token) = 32),
    seq BIGINT NOT NULL,
    PRIMARY KEY (token, seq)
);

-- One data key per person or address, wrapped; destroyed by an erasure.
CREATE TABLE subject_keys (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token BYTEA NOT NULL UNIQUE CHECK (length(token) = 32),
    wrapped BYTEA NOT NULL CHECK (length(wrapped) BETWEEN 32 AND 256),
    kek_epoch INTEGER NOT NULL CHECK (kek_epoch >= 1)
);

-- The personal part of each entry, sealed; destroyed by an erasure.
CREATE TABLE openings (
    seq BIGINT NOT NULL PRIMARY KEY,
    event_id BYTEA NOT NULL UNIQUE CHECK (length(event_id) = 16),
    key_id BYTEA NOT NULL CHECK (length(key_id) = 16),
    sealed BYTEA NOT NULL CHECK (length(sealed) BETWEEN 28 AND 1048576)
);
CREATE INDEX openings_by_key ON openings (key_id);

-- What was recorded under which name, for ever: said twice, recorded once.
CREATE TABLE dedupe (
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    key_hmac BYTEA NOT NULL CHECK (length(key_hmac) = 32),
    seq BIGINT NOT NULL,
    event_id BYTEA NOT NULL CHECK (length(event_id) = 16),
    content BYTEA NOT NULL CHECK (length(content) = 32),
    PRIMARY KEY (source, key_hmac)
);
CREATE INDEX dedupe_by_seq ON dedupe (seq);
CREATE TRIGGER dedupe_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON dedupe
EXECUTE FUNCTION consent_refuse();

-- Messages that a person has to read, and the event by which somebody did. What is true stands in the entries; this finds
-- it without reading them all.
CREATE TABLE reviews (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq >= 0),
    event_id BYTEA NOT NULL UNIQUE CHECK (length(event_id) = 16),
    why TEXT NOT NULL CHECK (length(why) BETWEEN 1 AND 32),
    resolved_by BYTEA CHECK (length(resolved_by) = 16)
);
CREATE INDEX reviews_by_resolution ON reviews (resolved_by, seq);

-- Who may call the service. The key itself is never kept.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
    scopes TEXT NOT NULL CHECK (length(scopes) <= 1024),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

-- Fingerprints of the keys this ledger was written with. A node whose keys differ would find nobody's opt-outs.
CREATE TABLE key_checks (
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    number INTEGER NOT NULL CHECK (number >= 1),
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    PRIMARY KEY (kind, number)
);
CREATE TRIGGER key_checks_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON key_checks
EXECUTE FUNCTION consent_refuse();

-- How far those have read who act on what is recorded. A follower moves on by compare-and-swap.
CREATE TABLE followers (
    name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    position BIGINT NOT NULL CHECK (position >= 0)
);

-- What is still to be said to gateways because of an entry: texts that answer it, opt-outs that they should know of.
-- Nothing personal: the entry is read again when the time has come.
CREATE TABLE outgoing (
    seq BIGINT NOT NULL CHECK (seq >= 0),
    account TEXT NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    due_at BIGINT NOT NULL, -- in microseconds since 1970
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    calling INTEGER NOT NULL CHECK (calling IN (0, 1)), -- the gateway may have it already
    outcome TEXT CHECK (length(outcome) BETWEEN 1 AND 200), -- once it is over
    PRIMARY KEY (seq, account, kind)
);
CREATE INDEX outgoing_by_time ON outgoing (due_at) WHERE outcome IS NULL;
