DROP TABLE ticket_reads;
DROP TABLE link_tokens;
DROP TABLE sessions;
DROP TABLE attachments;
DROP TABLE ticket_events;
ALTER TABLE users
    MODIFY role ENUM('admin', 'customer') DEFAULT 'customer',
    MODIFY is_active BOOLEAN DEFAULT TRUE,
    MODIFY created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    DROP password_scheme, DROP must_change_password, DROP email_verified_at;
ALTER TABLE messages
    DROP INDEX idx_message_staff_seq, DROP INDEX idx_message_customer_seq, DROP INDEX idx_message_client, DROP INDEX idx_message_url,
    DROP staff_seq, DROP customer_seq, DROP internal, DROP client_id,
    MODIFY content TEXT NOT NULL,
    MODIFY is_system BOOLEAN DEFAULT FALSE,
    MODIFY created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE tickets
    DROP INDEX idx_ticket_create_key, DROP INDEX idx_ticket_list, DROP INDEX idx_ticket_updated, DROP INDEX idx_ticket_by_status,
    DROP INDEX idx_ticket_by_customer, DROP INDEX idx_ticket_by_assignee, DROP INDEX idx_ticket_by_email, DROP INDEX idx_ticket_resolved,
    DROP customer_id, DROP assignee_id, DROP create_key, DROP staff_seq, DROP customer_seq, DROP first_reply_seconds,
    DROP customer_messages, DROP staff_messages, DROP last_message, DROP last_message_from, DROP last_message_at,
    MODIFY description TEXT NOT NULL,
    MODIFY resolution TEXT,
    MODIFY priority VARCHAR(20) DEFAULT '普通',
    MODIFY status VARCHAR(20) DEFAULT '待处理',
    MODIFY created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    MODIFY updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;
