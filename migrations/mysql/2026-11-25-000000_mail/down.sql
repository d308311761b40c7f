DROP TABLE mail_stops;
DROP TABLE secrets;
DROP TABLE notifications;
ALTER TABLE users DROP COLUMN lang;
ALTER TABLE tickets DROP COLUMN lang;
