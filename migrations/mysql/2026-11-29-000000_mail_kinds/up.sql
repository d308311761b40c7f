-- Which mail is next, kind by kind: a rush of new tickets holds up no answer.
ALTER TABLE notifications
    ADD INDEX idx_notification_next (mail, kind, mail_due_at, id),
    DROP INDEX idx_notification_due;
