ALTER TABLE notifications
    ADD INDEX idx_notification_due (mail, mail_due_at, id),
    DROP INDEX idx_notification_next;
