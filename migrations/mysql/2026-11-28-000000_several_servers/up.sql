-- What servers on one database tell each other by way of it. Each statement commits by itself here; all but the
-- last do nothing a second time.

-- A row for each thing that only one transaction may be at, whichever server it belongs to: it holds the row meanwhile.
CREATE TABLE IF NOT EXISTS turns (
    name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT IGNORE INTO turns (name) VALUES ('outbox');

-- Whose sessions ended or changed; NULL for a guest's. Each server looks for those it has not heard of.
CREATE TABLE IF NOT EXISTS revocations (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    INDEX idx_revocation_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Each server looks for marks that moved at another.
CREATE INDEX idx_read_updated ON ticket_reads (updated_at);
