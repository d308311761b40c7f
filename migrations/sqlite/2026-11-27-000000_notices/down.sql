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
