"""From files and frames to arrays: reading with clear errors, label streams, checks of single columns."""
