"""Writing the audit trail."""

from typing import Any

from logs.models import AuditEvent


def record(
    action: str,
    *,
    actor_kind: str,
    actor: str,
    subject_kind: str,
    subject: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    request_id: str = "",
) -> AuditEvent:
    """Append one deed; call it inside the transaction of the change, so that both or neither stand."""
    return AuditEvent.objects.create(
        action=action,
        actor_kind=actor_kind,
        actor=actor[:150],
        subject_kind=subject_kind,
        subject=str(subject)[:150],
        before=before,
        after=after,
        request_id=request_id[:64],
    )
