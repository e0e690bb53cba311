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
