DROP INDEX idx_read_updated ON ticket_reads;
DROP TABLE IF EXISTS revocations;
DROP TABLE IF EXISTS turns;
