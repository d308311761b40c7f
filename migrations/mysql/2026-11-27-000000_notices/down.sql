CREATE TABLE agent_notices (
    ticket_id INT NOT NULL,
    staff_seq BIGINT NOT NULL,
    actor_id INT NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    PRIMARY KEY (ticket_id, staff_seq),
    INDEX idx_agent_notice_due (due_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO agent_notices (ticket_id, staff_seq, actor_id, kind, created_at, due_at)
SELECT ticket_id, staff_seq, actor_id, kind, created_at, due_at FROM notices WHERE agent_id = 0;
INSERT INTO notifications
    (ticket_id, staff_seq, user_id, actor_id, seq, kind, created_at, mail, mail_due_at, mail_since)
SELECT ticket_id, staff_seq, agent_id, actor_id, staff_seq, kind, created_at, 'waiting', due_at, created_at
FROM notices WHERE agent_id <> 0;
INSERT INTO notifications
    (ticket_id, staff_seq, user_id, actor_id, seq, kind, created_at, mail, mail_due_at, mail_since)
SELECT ticket_id, staff_seq, customer_id, actor_id, customer_seq, kind, created_at, 'waiting', due_at, created_at
FROM notices WHERE customer_id IS NOT NULL AND (agent_id IS NULL OR customer_id = 0 OR customer_id <> agent_id);
DROP TABLE notices;
