"""The sealed chain over the audit trail: written by sealing, checked by verifying."""
