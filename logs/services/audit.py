"""Writing the audit trail."""

from collections.abc import Iterable, Mapping
from typing import Any

from logs.models import AuditEvent
from logs.services.personal import guarded


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
    about: int | None = None,
) -> AuditEvent:
    """Append one deed; call it inside the transaction of the change, so that both or neither stand.

    `about` is the customer whom free texts in it may name: those are encrypted with the customer's key.
    """
    before, after = guarded((before, after), (about, about))
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
    about: Mapping[Any, int | None] | None = None,
) -> None:
    """Append the same deed for many subjects, each with what stands after it, in one statement.

    `before` is the same for all of them. `about` names the customer of each subject, as for `record`.
    """
    deeds = list(deeds)
    whose = [(about or {}).get(subject) for subject, _ in deeds]
    afters = guarded([after for _, after in deeds], whose)
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
        for (subject, _), after in zip(deeds, afters, strict=True)
    )
