ALTER TABLE notifications DROP COLUMN mail_address;
