DROP INDEX idx_notification_tried ON notifications;
ALTER TABLE notifications DROP COLUMN mail_address;
