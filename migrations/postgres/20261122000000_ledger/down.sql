-- Refused while the ledger holds anything: what was recorded is kept for ever.
DO $$ BEGIN
    IF (SELECT size FROM head) > 0 THEN RAISE EXCEPTION 'the ledger is not empty'; END IF;
END $$;
DROP TABLE outgoing, followers, key_checks, api_keys, reviews, dedupe, openings, subject_keys, tokens, checkpoints, tiles, entries, head;
DROP FUNCTION consent_refuse();
