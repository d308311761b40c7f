CREATE INDEX idx_notification_user ON notifications(user_id, id);
DROP INDEX idx_notification_shown;
INSERT INTO notifications
    (ticket_id, staff_seq, user_id, actor_id, seq, kind, created_at, mail, mail_due_at, mail_since)
SELECT n.ticket_id, n.staff_seq, u.id, n.actor_id, n.staff_seq, n.kind, n.created_at, 'waiting', n.due_at, n.created_at
FROM agent_notices n JOIN users u ON u.role = 'admin' AND u.is_active AND u.id <> n.actor_id;
DROP TABLE agent_notices;
