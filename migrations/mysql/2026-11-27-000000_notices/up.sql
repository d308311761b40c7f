-- The outbox: what somebody is to be notified of, one narrow row for each change however many are told, in the order of
-- its due moment. It becomes a notification of each recipient.
CREATE TABLE IF NOT EXISTS notices (
    due_at DATETIME NOT NULL,
    ticket_id INT NOT NULL,
    staff_seq BIGINT NOT NULL,
    customer_seq BIGINT NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor_id INT NOT NULL,
    customer_id INT NULL,
    agent_id INT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (due_at, ticket_id, staff_seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Each statement commits by itself here: whatever has been done already when this is run again is done no second time.
CREATE TABLE IF NOT EXISTS agent_notices (
    ticket_id INT NOT NULL,
    staff_seq BIGINT NOT NULL,
    actor_id INT NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    PRIMARY KEY (ticket_id, staff_seq),
    INDEX idx_agent_notice_due (due_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT IGNORE INTO notices (due_at, ticket_id, staff_seq, customer_seq, kind, actor_id, agent_id, created_at)
SELECT due_at, ticket_id, staff_seq, 0, kind, actor_id, 0, created_at FROM agent_notices;
DROP TABLE agent_notices;
