-- What all agents are to be notified of, as one row however many they are, until it becomes a notification of each.
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

-- A notification may be stored later than a newer one: they are shown by the moment of the change.
CREATE INDEX idx_notification_shown ON notifications(user_id, created_at, staff_seq, id);
DROP INDEX idx_notification_user ON notifications;
