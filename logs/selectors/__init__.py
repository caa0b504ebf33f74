"""Reading the audit trail."""

from logs.selectors.audit import history_of

__all__ = ["history_of"]
