DROP INDEX idx_read_updated;
DROP TABLE revocations;
DROP TABLE turns;
