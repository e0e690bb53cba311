-- SQLite runs no DELETE trigger for the row that INSERT OR REPLACE displaces, so what is never changed also has a guard
-- in front of the insert.

-- The end of the ledger: moved by compare-and-swap as the first statement of every append.
CREATE TABLE head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    received_at INTEGER NOT NULL, -- of the last entry, in microseconds since 1970
    pepper INTEGER NOT NULL CHECK (pepper >= 0) -- number of the newest pepper under which tokens were made
) STRICT;
INSERT INTO head VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0);
CREATE TRIGGER head_only_grows BEFORE UPDATE ON head WHEN NEW.size <= OLD.size
BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER head_is_never_replaced BEFORE INSERT ON head
BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;

-- The public part: commitments, never anything personal.
CREATE TABLE entries (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 0),
    bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 1024),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32)
) STRICT;
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER entries_are_never_replaced BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'entries are never replaced'); END;

-- Full tiles of the Merkle tree.
CREATE TABLE tiles (
    level INTEGER NOT NULL CHECK (level >= 0),
    n INTEGER NOT NULL CHECK (n >= 0),
    bytes BLOB NOT NULL CHECK (length(bytes) = 8192),
    PRIMARY KEY (level, n)
) STRICT;
CREATE TRIGGER tiles_are_never_changed BEFORE UPDATE ON tiles
BEGIN SELECT RAISE(ABORT, 'tiles are never changed'); END;
CREATE TRIGGER tiles_are_never_deleted BEFORE DELETE ON tiles
BEGIN SELECT RAISE(ABORT, 'tiles are never deleted'); END;
CREATE TRIGGER tiles_are_never_replaced BEFORE INSERT ON tiles
WHEN EXISTS (SELECT 1 FROM tiles WHERE level = NEW.level AND n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'tiles are never replaced'); END;

-- Signed checkpoints, all kept.
CREATE TABLE checkpoints (
    size INTEGER NOT NULL PRIMARY KEY CHECK (size >= 0),
    note TEXT NOT NULL CHECK (length(note) <= 4096)
) STRICT;
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
CREATE TRIGGER checkpoints_are_never_replaced BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'checkpoints are never replaced'); END;

-- Which entries are about whom, by keyed hash.
CREATE TABLE tokens (
    token BLOB NOT NULL CHECK (length(token) = 32),
    seq INTEGER NOT NULL,
    PRIMARY KEY (token, seq)
) STRICT, WITHOUT ROWID;

-- One data key per person or address, wrapped; destroyed by an erasure.
CREATE TABLE subject_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    wrapped BLOB NOT NULL CHECK (length(wrapped) BETWEEN 32 AND 256),
    kek_epoch INTEGER NOT NULL CHECK (kek_epoch >= 1)
) STRICT;

-- The personal part of each entry, sealed; destroyed by an erasure.
CREATE TABLE openings (
    seq INTEGER NOT NULL PRIMARY KEY,
    event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
    key_id BLOB NOT NULL CHECK (length(key_id) = 16),
    sealed BLOB NOT NULL CHECK (length(sealed) BETWEEN 28 AND 1048576)
) STRICT;
CREATE INDEX openings_by_key ON openings (key_id);

-- What was recorded under which name, for ever: said twice, recorded once.
CREATE TABLE dedupe (
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    key_hmac BLOB NOT NULL CHECK (length(key_hmac) = 32),
    seq INTEGER NOT NULL,
    event_id BLOB NOT NULL CHECK (length(event_id) = 16),
    content BLOB NOT NULL CHECK (length(content) = 32),
    PRIMARY KEY (source, key_hmac)
) STRICT, WITHOUT ROWID;
CREATE INDEX dedupe_by_seq ON dedupe (seq);
CREATE TRIGGER dedupe_is_never_changed BEFORE UPDATE ON dedupe
BEGIN SELECT RAISE(ABORT, 'dedupe rows are never changed'); END;
CREATE TRIGGER dedupe_is_never_deleted BEFORE DELETE ON dedupe
BEGIN SELECT RAISE(ABORT, 'dedupe rows are never deleted'); END;
CREATE TRIGGER dedupe_is_never_replaced BEFORE INSERT ON dedupe
WHEN EXISTS (SELECT 1 FROM dedupe WHERE source = NEW.source AND key_hmac = NEW.key_hmac)
BEGIN SELECT RAISE(ABORT, 'dedupe rows are never replaced'); END;

-- Messages that a person has to read, and the event by which somebody did. What is true stands in the entries; this finds
-- it without reading them all.
CREATE TABLE reviews (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 0),
    event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
    why TEXT NOT NULL CHECK (length(why) BETWEEN 1 AND 32),
    resolved_by BLOB CHECK (length(resolved_by) = 16)
) STRICT;
CREATE INDEX reviews_by_resolution ON reviews (resolved_by, seq);

-- Who may call the service. The key itself is never kept.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    scopes TEXT NOT NULL CHECK (length(scopes) <= 1024),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- Fingerprints of the keys this ledger was written with. A node whose keys differ would find nobody's opt-outs.
CREATE TABLE key_checks (
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    number INTEGER NOT NULL CHECK (number >= 1),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    PRIMARY KEY (kind, number)
) STRICT;
CREATE TRIGGER key_checks_are_never_changed BEFORE UPDATE ON key_checks
BEGIN SELECT RAISE(ABORT, 'key checks are never changed'); END;
CREATE TRIGGER key_checks_are_never_deleted BEFORE DELETE ON key_checks
BEGIN SELECT RAISE(ABORT, 'key checks are never deleted'); END;

-- How far those have read who act on what is recorded. A follower moves on by compare-and-swap.
CREATE TABLE followers (
    name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;

-- What is still to be said to gateways because of an entry: texts that answer it, opt-outs that they should know of.
-- Nothing personal: the entry is read again when the time has come.
CREATE TABLE outgoing (
    seq INTEGER NOT NULL CHECK (seq >= 0),
    account TEXT NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    due_at INTEGER NOT NULL, -- in microseconds since 1970
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    calling INTEGER NOT NULL CHECK (calling IN (0, 1)), -- the gateway may have it already
    outcome TEXT CHECK (length(outcome) BETWEEN 1 AND 200), -- once it is over
    PRIMARY KEY (seq, account, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_by_time ON outgoing (due_at) WHERE outcome IS NULL;
