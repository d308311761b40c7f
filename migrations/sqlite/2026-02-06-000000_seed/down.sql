DROP TABLE users;
DROP TABLE messages;
DROP TABLE tickets;
