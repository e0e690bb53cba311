-- Refused while the ledger holds anything: what was recorded is kept for ever.
CREATE TEMP TABLE ledger_must_be_empty (size INTEGER CHECK (size = 0));
INSERT INTO ledger_must_be_empty SELECT size FROM head;
DROP TABLE ledger_must_be_empty;
DROP TABLE outgoing;
DROP TABLE followers;
DROP TABLE key_checks;
DROP TABLE api_keys;
DROP TABLE reviews;
DROP TABLE dedupe;
DROP TABLE openings;
DROP TABLE subject_keys;
DROP TABLE tokens;
DROP TABLE checkpoints;
DROP TABLE tiles;
DROP TABLE entries;
DROP TABLE head;
