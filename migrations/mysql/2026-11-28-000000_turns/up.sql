-- A row for each thing that only one transaction may be at, whichever server it belongs to: it holds the row meanwhile.
CREATE TABLE IF NOT EXISTS turns (
    name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT IGNORE INTO turns (name) VALUES ('outbox');
