-- Who is to be notified of what: one row for each change and recipient, written with the change. Mails are made of it.

ALTER TABLE tickets ADD lang VARCHAR(5) NULL;
ALTER TABLE users ADD lang VARCHAR(5) NULL;

CREATE TABLE notifications (
    id INT PRIMARY KEY AUTO_INCREMENT,
    ticket_id INT NOT NULL,
    staff_seq BIGINT NOT NULL,
    user_id INT NOT NULL,
    actor_id INT NOT NULL,
    seq BIGINT NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME NOT NULL,
    read_at DATETIME NULL,
    mail VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mail_due_at DATETIME NOT NULL,
    mail_since DATETIME NOT NULL,
    mail_attempts INT NOT NULL DEFAULT 0,
    mail_claim CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    mail_claimed_at DATETIME NULL,
    mail_lead_id INT NULL,
    mail_answer VARCHAR(500) NULL,
    UNIQUE INDEX idx_notification_once (ticket_id, staff_seq, user_id),
    INDEX idx_notification_due (mail, mail_due_at, id),
    INDEX idx_notification_user (user_id, id),
    INDEX idx_notification_unread (user_id, read_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE secrets (
    name VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
    value VARCHAR(255) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who wants no mail of which kind: an account (`user 5`) or an address.
CREATE TABLE mail_stops (
    recipient VARCHAR(110) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (recipient, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
