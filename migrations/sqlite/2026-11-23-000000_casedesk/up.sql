-- CaseDesk's own columns and tables beside the old ones.

-- What the old system left open gets the value it meant.
UPDATE tickets SET
    priority = CASE WHEN priority IS NULL OR priority IN ('普通', 'medium') THEN '中' WHEN priority = 'high' THEN '高' WHEN priority = 'low' THEN '低' ELSE priority END,
    status = CASE WHEN status IS NULL OR status = 'pending' THEN '待处理' WHEN status = 'processing' THEN '处理中' WHEN status = 'resolved' THEN '已解决' WHEN status = 'closed' THEN '已关闭' ELSE status END,
    created_at = COALESCE(created_at, updated_at, CURRENT_TIMESTAMP),
    updated_at = COALESCE(updated_at, created_at, CURRENT_TIMESTAMP);
UPDATE messages SET is_system = COALESCE(is_system, FALSE), created_at = COALESCE(created_at, CURRENT_TIMESTAMP);
UPDATE users SET role = COALESCE(role, 'customer'), is_active = COALESCE(is_active, TRUE), created_at = COALESCE(created_at, CURRENT_TIMESTAMP);

ALTER TABLE tickets ADD COLUMN customer_id INTEGER NULL;
ALTER TABLE tickets ADD COLUMN assignee_id INTEGER NULL;
ALTER TABLE tickets ADD COLUMN create_key CHAR(64) NULL;
ALTER TABLE tickets ADD COLUMN staff_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN customer_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN first_reply_seconds BIGINT NULL;
ALTER TABLE tickets ADD COLUMN customer_messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN staff_messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN last_message VARCHAR(160) NULL;
ALTER TABLE tickets ADD COLUMN last_message_from VARCHAR(10) NULL;
ALTER TABLE tickets ADD COLUMN last_message_at TIMESTAMP NULL;
CREATE UNIQUE INDEX idx_ticket_create_key ON tickets(create_key);
CREATE INDEX idx_ticket_list ON tickets(created_at, id);
CREATE INDEX idx_ticket_updated ON tickets(updated_at, id);
CREATE INDEX idx_ticket_by_status ON tickets(status, created_at);
CREATE INDEX idx_ticket_by_customer ON tickets(customer_id, created_at);
CREATE INDEX idx_ticket_by_assignee ON tickets(assignee_id, created_at);
CREATE INDEX idx_ticket_by_email ON tickets(customer_email, created_at);
CREATE INDEX idx_ticket_resolved ON tickets(resolved_at);

-- SQLite cannot make a column NOT NULL afterwards: 0 stands for "not numbered yet" and is replaced below.
ALTER TABLE messages ADD COLUMN staff_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN customer_seq BIGINT NULL;
ALTER TABLE messages ADD COLUMN internal BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN client_id VARCHAR(64) NULL;
CREATE INDEX idx_message_url ON messages(attachment_url);

ALTER TABLE users ADD COLUMN password_scheme VARCHAR(16) NOT NULL DEFAULT 'md5';
ALTER TABLE users ADD COLUMN must_change_password BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMP NULL;

CREATE TABLE ticket_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    message_id INTEGER NULL,
    kind VARCHAR(20) NOT NULL,
    actor_id INTEGER NULL,
    actor_name VARCHAR(100) NOT NULL,
    from_value VARCHAR(255) NULL,
    to_value VARCHAR(255) NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX idx_event_message ON ticket_events(message_id);
CREATE INDEX idx_event_ticket ON ticket_events(ticket_id, id);

CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    message_id INTEGER NULL,
    stored_name VARCHAR(64) NOT NULL,
    name VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL,
    mime VARCHAR(100) NOT NULL,
    uploader_id INTEGER NOT NULL,
    uploader_type VARCHAR(10) NOT NULL,
    draft BOOLEAN NOT NULL DEFAULT FALSE,
    client_key CHAR(64) NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX idx_attachment_stored ON attachments(stored_name);
CREATE UNIQUE INDEX idx_attachment_key ON attachments(client_key);
CREATE INDEX idx_attachment_ticket ON attachments(ticket_id);
CREATE INDEX idx_attachment_message ON attachments(message_id);

CREATE TABLE sessions (
    token_hash CHAR(64) PRIMARY KEY NOT NULL,
    user_id INTEGER NULL,
    ticket_id INTEGER NULL,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    user_agent VARCHAR(255) NOT NULL
);
CREATE INDEX idx_session_user ON sessions(user_id);
CREATE INDEX idx_session_expires ON sessions(expires_at);

CREATE TABLE link_tokens (
    token_hash CHAR(64) PRIMARY KEY NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    user_id INTEGER NULL,
    ticket_id INTEGER NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NULL
);
CREATE INDEX idx_link_ticket ON link_tokens(ticket_id);

CREATE TABLE ticket_reads (
    ticket_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    seen_messages INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);

-- Adopted rows: messages are numbered, tickets learn their last word and first answer, owners and agents are found.
UPDATE messages SET staff_seq = numbered.n, customer_seq = numbered.n
    FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY ticket_id ORDER BY created_at, id) AS n FROM messages) AS numbered
    WHERE numbered.id = messages.id;
CREATE UNIQUE INDEX idx_message_staff_seq ON messages(ticket_id, staff_seq);
CREATE UNIQUE INDEX idx_message_customer_seq ON messages(ticket_id, customer_seq);
CREATE UNIQUE INDEX idx_message_client ON messages(ticket_id, sender_type, sender_id, client_id);

UPDATE tickets SET staff_seq = counted.n, customer_seq = counted.n
    FROM (SELECT ticket_id, COUNT(*) AS n FROM messages GROUP BY ticket_id) AS counted WHERE counted.ticket_id = tickets.id;
UPDATE tickets SET first_reply_seconds = MAX(0, strftime('%s', answered.at) - strftime('%s', tickets.created_at))
    FROM (SELECT ticket_id, MIN(created_at) AS at FROM messages WHERE sender_type = 'admin' AND NOT is_system GROUP BY ticket_id) AS answered
    WHERE answered.ticket_id = tickets.id;
UPDATE tickets SET last_message = SUBSTR(m.content, 1, 120), last_message_from = m.sender_type, last_message_at = m.created_at
    FROM (SELECT ticket_id, MAX(staff_seq) AS seq FROM messages WHERE NOT is_system GROUP BY ticket_id) AS latest
    JOIN messages AS m ON m.ticket_id = latest.ticket_id AND m.staff_seq = latest.seq
    WHERE latest.ticket_id = tickets.id;
UPDATE users SET email_verified_at = created_at WHERE email <> '';
UPDATE tickets SET customer_id = (SELECT u.id FROM users u WHERE u.email = tickets.customer_email AND u.email <> '');
UPDATE tickets SET assignee_id = agents.id
    FROM (SELECT name, MIN(id) AS id FROM (SELECT full_name AS name, id FROM users WHERE role = 'admin' AND full_name <> '' UNION SELECT username, id FROM users WHERE role = 'admin') GROUP BY name HAVING COUNT(DISTINCT id) = 1) AS agents
    WHERE agents.name = tickets.assignee;

-- Words that are no status or priority of ours read as the first step; the history keeps what stood there.
INSERT INTO ticket_events (ticket_id, kind, actor_name, from_value, to_value, created_at)
    SELECT id, 'status', 'casedb', status, '待处理', updated_at FROM tickets WHERE status NOT IN ('待处理', '处理中', '已解决', '已关闭');
UPDATE tickets SET status = '待处理' WHERE status NOT IN ('待处理', '处理中', '已解决', '已关闭');
INSERT INTO ticket_events (ticket_id, kind, actor_name, from_value, to_value, created_at)
    SELECT id, 'priority', 'casedb', priority, '中', updated_at FROM tickets WHERE priority NOT IN ('高', '中', '低');
UPDATE tickets SET priority = '中' WHERE priority NOT IN ('高', '中', '低');
