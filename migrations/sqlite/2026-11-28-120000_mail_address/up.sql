-- Where a mail went: no address gets more than its share, whoever's it is.
ALTER TABLE notifications ADD COLUMN mail_address VARCHAR(254) NULL;

-- When a mail was last tried, for the number of tries in a minute.
CREATE INDEX idx_notification_tried ON notifications(mail_claimed_at);
