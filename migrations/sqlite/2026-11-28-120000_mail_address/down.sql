DROP INDEX idx_notification_tried;
ALTER TABLE notifications DROP COLUMN mail_address;
