"""What is kept of deeds and calls."""

from logs.models.audit import AuditEvent
from logs.models.idempotent_calls import IdempotentCall

__all__ = ["AuditEvent", "IdempotentCall"]
