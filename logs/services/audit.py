"""Writing the audit trail."""

from collections.abc import Iterable
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


def record_each(
    action: str,
    *,
    actor_kind: str,
    actor: str,
    subject_kind: str,
    deeds: Iterable[tuple[Any, dict[str, Any]]],
    before: dict[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """Append the same deed for many subjects, each with what stands after it, in one statement.

    `before` is the same for all of them.
    """
    AuditEvent.objects.bulk_create(
        AuditEvent(
            action=action,
            actor_kind=actor_kind,
            actor=actor[:150],
            subject_kind=subject_kind,
            subject=str(subject)[:150],
            before=before,
            after=after,
            request_id=request_id[:64],
        )
        for subject, after in deeds
    )
