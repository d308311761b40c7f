-- A row for each thing that only one transaction may be at. SQLite has one writer anyway, which needs no such row; it has it
-- so that both databases are the same.
CREATE TABLE turns (
    name VARCHAR(20) NOT NULL PRIMARY KEY
) WITHOUT ROWID;

INSERT INTO turns (name) VALUES ('outbox');
