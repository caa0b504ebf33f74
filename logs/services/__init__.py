"""Writing the audit trail and the memory of idempotent calls."""

from logs.services.audit import record, record_each
from logs.services.idempotency import Begun, Standing, begin_call, finish_call, forget_call

__all__ = ["Begun", "Standing", "begin_call", "finish_call", "forget_call", "record", "record_each"]
