"""Reading the audit trail."""

from django.db.models import QuerySet

from logs.models import AuditEvent


def history_of(subject_kind: str, subject: str, limit: int = 50) -> QuerySet[AuditEvent]:
    """The newest deeds done to one subject."""
    return AuditEvent.objects.filter(subject_kind=subject_kind, subject=str(subject)).order_by("-id")[:limit]
