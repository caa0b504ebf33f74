"""What is kept of deeds and calls."""

from logs.models.audit import AuditEvent
from logs.models.calls import ApiCall
from logs.models.idempotent_calls import IdempotentCall
from logs.models.reads import PersonalRead
from logs.models.seals import AuditCheckpoint, AuditSeal, AuditSealEntries
from logs.models.subject_keys import SubjectKey
from logs.models.system_events import Level, SystemEvent

__all__ = [
    "ApiCall",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditSeal",
    "AuditSealEntries",
    "IdempotentCall",
    "Level",
    "PersonalRead",
    "SubjectKey",
    "SystemEvent",
]
