"""Anti money laundering monitoring: what accounts do with money over days and weeks."""
