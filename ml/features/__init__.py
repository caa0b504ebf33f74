"""Feature definitions (spec), their two executors (sql, bulk) and the arithmetic they share (kernel)."""
