-- Who is to be notified of what: one row for each change and recipient, written with the change. Mails are made of it.

ALTER TABLE tickets ADD COLUMN lang VARCHAR(5) NULL;
ALTER TABLE users ADD COLUMN lang VARCHAR(5) NULL;

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    staff_seq BIGINT NOT NULL,
    user_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    read_at TIMESTAMP NULL,
    mail VARCHAR(10) NOT NULL,
    mail_due_at TIMESTAMP NOT NULL,
    mail_since TIMESTAMP NOT NULL,
    mail_attempts INTEGER NOT NULL DEFAULT 0,
    mail_claim CHAR(36) NULL,
    mail_claimed_at TIMESTAMP NULL,
    mail_lead_id INTEGER NULL,
    mail_answer VARCHAR(500) NULL
);
CREATE UNIQUE INDEX idx_notification_once ON notifications(ticket_id, staff_seq, user_id);
CREATE INDEX idx_notification_due ON notifications(mail, mail_due_at, id);
CREATE INDEX idx_notification_user ON notifications(user_id, id);
CREATE INDEX idx_notification_unread ON notifications(user_id, read_at);

CREATE TABLE secrets (
    name VARCHAR(50) PRIMARY KEY NOT NULL,
    value VARCHAR(255) NOT NULL
);

-- Who wants no mail of which kind: an account (`user 5`) or an address.
CREATE TABLE mail_stops (
    recipient VARCHAR(110) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (recipient, kind)
);
