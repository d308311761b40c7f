-- What servers on one database tell each other by way of it.

-- A row for each thing that only one transaction may be at. SQLite has one writer anyway, which needs no such row; it has it
-- so that both databases are the same.
CREATE TABLE turns (
    name VARCHAR(20) NOT NULL PRIMARY KEY
) WITHOUT ROWID;

INSERT INTO turns (name) VALUES ('outbox');

-- Whose sessions ended or changed; NULL for a guest's. Each server looks for those it has not heard of.
CREATE TABLE revocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_revocation_created ON revocations(created_at);

-- Each server looks for marks that moved at another.
CREATE INDEX idx_read_updated ON ticket_reads(updated_at);
