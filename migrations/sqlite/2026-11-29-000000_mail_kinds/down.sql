CREATE INDEX idx_notification_due ON notifications(mail, mail_due_at, id);
DROP INDEX idx_notification_next;
