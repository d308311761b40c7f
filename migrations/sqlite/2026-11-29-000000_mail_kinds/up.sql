-- Which mail is next, kind by kind: a rush of new tickets holds up no answer.
CREATE INDEX idx_notification_next ON notifications(mail, kind, mail_due_at, id);
DROP INDEX idx_notification_due;
