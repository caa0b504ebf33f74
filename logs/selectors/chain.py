"""How far the audit trail is sealed, and when it was last verified."""

from dataclasses import dataclass

from logs.models import AuditCheckpoint, AuditEvent, AuditSeal, SystemEvent

COUNTED = 10_000  # unsealed events beyond this are "more"


@dataclass(frozen=True)
class Chain:
    """`head` and `verified` are None when nothing was sealed or verified yet."""

    head: AuditSeal | None
    verified: SystemEvent | None
    unsealed: int
    purged: AuditCheckpoint | None

    @property
    def sealed_up_to(self) -> int:
        return self.head.last_id if self.head else 0

    @property
    def sound(self) -> bool | None:
        """What the last verification said; None before the first."""
        return self.verified.detail.get("ok", False) if self.verified else None


def chain() -> Chain:
    head = AuditSeal.objects.order_by("-number").first()
    newer = AuditEvent.objects.filter(pk__gt=head.last_id if head else 0)
    return Chain(
        head=head,
        verified=SystemEvent.objects.filter(kind="audit.verified").order_by("-id").first(),
        unsealed=newer.order_by("pk")[:COUNTED].count(),
        purged=AuditCheckpoint.objects.select_related("seal").first(),
    )


def seal_of(event: AuditEvent) -> AuditSeal | None:
    """The seal that binds an event; None while it is too new."""
    return AuditSeal.objects.filter(last_id__gte=event.pk, after_id__lt=event.pk).order_by("number").first()
