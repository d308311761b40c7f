-- The outbox: what somebody is to be notified of, one narrow row for each change however many are told, in the order of
-- its due moment. It becomes a notification of each recipient.
CREATE TABLE notices (
    due_at TIMESTAMP NOT NULL,
    ticket_id INTEGER NOT NULL,
    staff_seq BIGINT NOT NULL,
    customer_seq BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    actor_id INTEGER NOT NULL,
    customer_id INTEGER NULL,
    agent_id INTEGER NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (due_at, ticket_id, staff_seq)
) WITHOUT ROWID;

INSERT INTO notices (due_at, ticket_id, staff_seq, customer_seq, kind, actor_id, agent_id, created_at)
SELECT due_at, ticket_id, staff_seq, 0, kind, actor_id, 0, created_at FROM agent_notices;
DROP TABLE agent_notices;
