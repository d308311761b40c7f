-- What all agents are to be notified of, as one row however many they are, until it becomes a notification of each.
CREATE TABLE agent_notices (
    ticket_id INTEGER NOT NULL,
    staff_seq BIGINT NOT NULL,
    actor_id INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    PRIMARY KEY (ticket_id, staff_seq)
);
CREATE INDEX idx_agent_notice_due ON agent_notices(due_at);

-- A notification may be stored later than a newer one: they are shown by the moment of the change.
CREATE INDEX idx_notification_shown ON notifications(user_id, created_at, staff_seq, id);
DROP INDEX idx_notification_user;
