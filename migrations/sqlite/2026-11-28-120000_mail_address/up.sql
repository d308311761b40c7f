-- Where a mail went: no address gets more than its share, whoever's it is.
ALTER TABLE notifications ADD COLUMN mail_address VARCHAR(254) NULL;
