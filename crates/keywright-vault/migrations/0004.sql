-- The search reads its text into memory and scans it there; the index of trigrams goes. What a list needs of an
-- application to count, filter and order it is in one index each, so that no row is read for it.

DROP TRIGGER application_text_added;
DROP TRIGGER application_text_removed;
DROP TABLE application_search;

-- One row: how many applications are not forgotten, and how often the text of one was removed or came in between.
-- A program that has the text in memory sees by it whether the text is still right, or what is new at its end.
CREATE TABLE application_state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    live INTEGER NOT NULL,
    rearranged INTEGER NOT NULL
) STRICT;
INSERT INTO application_state SELECT 1, count(*), 0 FROM application_text;
CREATE TRIGGER application_text_added AFTER INSERT ON application_text BEGIN
    UPDATE application_state SET
        live = live + 1,
        rearranged = rearranged + (new.seq < (SELECT max(seq) FROM application_text));
END;
CREATE TRIGGER application_text_removed AFTER DELETE ON application_text BEGIN
    UPDATE application_state SET live = live - 1, rearranged = rearranged + 1;
END;

DROP INDEX application_by_recent;
DROP INDEX application_by_name;
DROP INDEX application_by_created;
DROP INDEX application_by_expiry;
DROP INDEX application_by_health;
CREATE INDEX application_by_recent ON application (forgotten_at, recent_at DESC, seq DESC);
CREATE INDEX application_by_name ON application (forgotten_at, name COLLATE NOCASE, seq);
CREATE INDEX application_by_created ON application (forgotten_at, created_at DESC, seq DESC);
CREATE INDEX application_by_expiry ON application (forgotten_at, expiry_at, seq, expires_by_ttl_at);
CREATE INDEX application_by_health ON application (health, forgotten_at);
