-- CaseDesk's own columns and tables beside the old ones. Every UPDATE keeps `updated_at`, which MySQL would move.

-- What the old system left open gets the value it meant; a lenient server may also have stored zero dates.
UPDATE tickets SET
    priority = CASE WHEN priority IS NULL OR priority IN ('普通', 'medium') THEN '中' WHEN priority = 'high' THEN '高' WHEN priority = 'low' THEN '低' ELSE priority END,
    status = CASE WHEN status IS NULL OR status = 'pending' THEN '待处理' WHEN status = 'processing' THEN '处理中' WHEN status = 'resolved' THEN '已解决' WHEN status = 'closed' THEN '已关闭' ELSE status END,
    created_at = COALESCE(NULLIF(created_at, '0000-00-00 00:00:00'), NULLIF(updated_at, '0000-00-00 00:00:00'), CURRENT_TIMESTAMP),
    updated_at = COALESCE(NULLIF(updated_at, '0000-00-00 00:00:00'), created_at),
    resolved_at = NULLIF(resolved_at, '0000-00-00 00:00:00'),
    closed_at = NULLIF(closed_at, '0000-00-00 00:00:00');
UPDATE messages SET is_system = COALESCE(is_system, FALSE), created_at = COALESCE(NULLIF(created_at, '0000-00-00 00:00:00'), CURRENT_TIMESTAMP);
UPDATE users SET role = COALESCE(role, 'customer'), is_active = COALESCE(is_active, TRUE),
    created_at = COALESCE(NULLIF(created_at, '0000-00-00 00:00:00'), CURRENT_TIMESTAMP), last_login = NULLIF(last_login, '0000-00-00 00:00:00');

ALTER TABLE tickets
    MODIFY description MEDIUMTEXT NOT NULL,
    MODIFY resolution MEDIUMTEXT,
    MODIFY priority VARCHAR(20) NOT NULL DEFAULT '中',
    MODIFY status VARCHAR(20) NOT NULL DEFAULT '待处理',
    MODIFY created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    MODIFY updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    ADD customer_id INT NULL,
    ADD assignee_id INT NULL,
    ADD create_key CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD staff_seq BIGINT NOT NULL DEFAULT 0,
    ADD customer_seq BIGINT NOT NULL DEFAULT 0,
    ADD first_reply_seconds BIGINT NULL,
    ADD customer_messages INT NOT NULL DEFAULT 0,
    ADD staff_messages INT NOT NULL DEFAULT 0,
    ADD last_message VARCHAR(160) NULL,
    ADD last_message_from VARCHAR(10) NULL,
    ADD last_message_at TIMESTAMP NULL,
    ADD UNIQUE INDEX idx_ticket_create_key (create_key),
    ADD INDEX idx_ticket_list (created_at, id),
    ADD INDEX idx_ticket_updated (updated_at, id),
    ADD INDEX idx_ticket_by_status (status, created_at),
    ADD INDEX idx_ticket_by_customer (customer_id, created_at),
    ADD INDEX idx_ticket_by_assignee (assignee_id, created_at),
    ADD INDEX idx_ticket_by_email (customer_email, created_at),
    ADD INDEX idx_ticket_resolved (resolved_at);

ALTER TABLE messages
    MODIFY content MEDIUMTEXT NOT NULL,
    MODIFY is_system BOOLEAN NOT NULL DEFAULT FALSE,
    MODIFY created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ADD staff_seq BIGINT NULL,
    ADD customer_seq BIGINT NULL,
    ADD internal BOOLEAN NOT NULL DEFAULT FALSE,
    ADD client_id VARCHAR(64) COLLATE utf8mb4_bin NULL,
    ADD INDEX idx_message_url (attachment_url);

ALTER TABLE users
    MODIFY role ENUM('admin', 'customer') NOT NULL DEFAULT 'customer',
    MODIFY is_active BOOLEAN NOT NULL DEFAULT TRUE,
    MODIFY created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ADD password_scheme VARCHAR(16) NOT NULL DEFAULT 'md5',
    ADD must_change_password BOOLEAN NOT NULL DEFAULT FALSE,
    ADD email_verified_at DATETIME NULL;

CREATE TABLE ticket_events (
    id INT PRIMARY KEY AUTO_INCREMENT,
    ticket_id INT NOT NULL,
    message_id INT NULL,
    kind VARCHAR(20) NOT NULL,
    actor_id INT NULL,
    actor_name VARCHAR(100) NOT NULL,
    from_value VARCHAR(255) NULL,
    to_value VARCHAR(255) NULL,
    created_at DATETIME NOT NULL,
    UNIQUE INDEX idx_event_message (message_id),
    INDEX idx_event_ticket (ticket_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE attachments (
    id INT PRIMARY KEY AUTO_INCREMENT,
    ticket_id INT NOT NULL,
    message_id INT NULL,
    stored_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL,
    mime VARCHAR(100) NOT NULL,
    uploader_id INT NOT NULL,
    uploader_type VARCHAR(10) NOT NULL,
    draft BOOLEAN NOT NULL DEFAULT FALSE,
    client_key CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME NOT NULL,
    UNIQUE INDEX idx_attachment_stored (stored_name),
    UNIQUE INDEX idx_attachment_key (client_key),
    INDEX idx_attachment_ticket (ticket_id),
    INDEX idx_attachment_message (message_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE sessions (
    token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
    user_id INT NULL,
    ticket_id INT NULL,
    created_at DATETIME NOT NULL,
    last_seen_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    user_agent VARCHAR(255) NOT NULL,
    INDEX idx_session_user (user_id),
    INDEX idx_session_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE link_tokens (
    token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
    purpose VARCHAR(16) NOT NULL,
    user_id INT NULL,
    ticket_id INT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at DATETIME NULL,
    INDEX idx_link_ticket (ticket_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE ticket_reads (
    ticket_id INT NOT NULL,
    user_id INT NOT NULL,
    seq BIGINT NOT NULL,
    seen_messages INT NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Adopted rows: messages are numbered, tickets learn their last word and first answer, owners and agents are found.
UPDATE messages m
    JOIN (SELECT id, ROW_NUMBER() OVER (PARTITION BY ticket_id ORDER BY created_at, id) AS n FROM messages) numbered ON numbered.id = m.id
    SET m.staff_seq = numbered.n, m.customer_seq = numbered.n, m.created_at = m.created_at;
ALTER TABLE messages
    MODIFY staff_seq BIGINT NOT NULL,
    ADD UNIQUE INDEX idx_message_staff_seq (ticket_id, staff_seq),
    ADD UNIQUE INDEX idx_message_customer_seq (ticket_id, customer_seq),
    ADD UNIQUE INDEX idx_message_client (ticket_id, sender_type, sender_id, client_id);

UPDATE tickets t
    JOIN (SELECT ticket_id, COUNT(*) AS n FROM messages GROUP BY ticket_id) counted ON counted.ticket_id = t.id
    SET t.staff_seq = counted.n, t.customer_seq = counted.n, t.updated_at = t.updated_at;
UPDATE tickets t
    JOIN (SELECT ticket_id, MIN(created_at) AS at FROM messages WHERE sender_type = 'admin' AND NOT is_system GROUP BY ticket_id) answered ON answered.ticket_id = t.id
    SET t.first_reply_seconds = GREATEST(0, TIMESTAMPDIFF(SECOND, t.created_at, answered.at)), t.updated_at = t.updated_at;
UPDATE tickets t
    JOIN (SELECT ticket_id, MAX(staff_seq) AS seq FROM messages WHERE NOT is_system GROUP BY ticket_id) latest ON latest.ticket_id = t.id
    JOIN messages m ON m.ticket_id = latest.ticket_id AND m.staff_seq = latest.seq
    SET t.last_message = SUBSTRING(m.content, 1, 120), t.last_message_from = m.sender_type, t.last_message_at = m.created_at, t.updated_at = t.updated_at;
UPDATE users SET email_verified_at = created_at WHERE email <> '';
UPDATE tickets t JOIN users u ON u.email = t.customer_email AND BINARY LOWER(u.email) = BINARY LOWER(t.customer_email) AND u.email <> '' SET t.customer_id = u.id, t.updated_at = t.updated_at;
UPDATE tickets t
    JOIN (SELECT name, MIN(id) AS id FROM (SELECT full_name AS name, id FROM users WHERE role = 'admin' AND full_name <> '' UNION SELECT username, id FROM users WHERE role = 'admin') names GROUP BY name HAVING COUNT(DISTINCT id) = 1) agents ON agents.name = t.assignee
    SET t.assignee_id = agents.id, t.updated_at = t.updated_at;

-- Words that are no status or priority of ours read as the first step; the history keeps what stood there.
INSERT INTO ticket_events (ticket_id, kind, actor_name, from_value, to_value, created_at)
    SELECT id, 'status', 'casedb', status, '待处理', updated_at FROM tickets WHERE status NOT IN ('待处理', '处理中', '已解决', '已关闭');
UPDATE tickets SET status = '待处理', updated_at = updated_at WHERE status NOT IN ('待处理', '处理中', '已解决', '已关闭');
INSERT INTO ticket_events (ticket_id, kind, actor_name, from_value, to_value, created_at)
    SELECT id, 'priority', 'casedb', priority, '中', updated_at FROM tickets WHERE priority NOT IN ('高', '中', '低');
UPDATE tickets SET priority = '中', updated_at = updated_at WHERE priority NOT IN ('高', '中', '低');
