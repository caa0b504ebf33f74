"""Taking old events out of the audit trail so that what remains still verifies."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from logs.models import AuditCheckpoint, AuditEvent, AuditSeal, AuditSealEntries
from logs.services.audit import record
from logs.services.chain.sealing import seal_events
from logs.services.chain.verifying import NO_PURGE
from logs.services.system_events import note

EVENTS_AT_ONCE = 100_000  # of one transaction, give or take a seal


def purge_audit(
    before: datetime, *, actor_kind: str = "system", actor: str = "system", request_id: str = ""
) -> int:
    """Remove the sealed events older than `before`, whole seals at a time; returns how many.

    A checkpoint takes their place, and an event audit.purged tells of it. The chain of seals stays whole, so
    heads that were exported once can still be compared. Stops early while the trail is being verified.
    """
    seal_events()
    removed = 0
    while count := _purge_some(before, actor_kind, actor, request_id):
        removed += count
    if removed:
        text = f"{removed:,} audit events from before {before:%Y-%m-%d} removed"
        note("audit.purged", component="audit", text=text, detail={"events": removed})
    return removed


@transaction.atomic
def _purge_some(before: datetime, actor_kind: str, actor: str, request_id: str) -> int:
    if not _alone():
        return 0
    last, count = _last_old_seal(before)
    if last is None:
        return 0
    # The triggers let only the transaction that writes a checkpoint delete, and only below it.
    AuditCheckpoint.objects.create(
        seal=last, last_id=last.last_id, events=count, before=before, made_at=timezone.now()
    )
    AuditSealEntries.objects.filter(seal__lte=last.number).delete()
    AuditEvent.objects.filter(pk__lte=last.last_id).delete()
    record(
        "audit.purged",
        actor_kind=actor_kind,
        actor=actor,
        subject_kind="audit",
        subject=str(last.number),
        after={
            "up_to_event": last.last_id,
            "events": count,
            "before": before.isoformat(),
        },
        request_id=request_id,
    )
    return count


def _last_old_seal(before: datetime) -> tuple[AuditSeal | None, int]:
    """The last seal of a run from the oldest one whose events are all older, and how many they are."""
    checkpoint = AuditCheckpoint.objects.first()
    last, count = None, 0
    seals = AuditSeal.objects.filter(number__gt=checkpoint.seal_id if checkpoint else 0).order_by("number")
    for seal in seals.iterator(chunk_size=200):
        events = AuditEvent.objects.filter(pk__gt=seal.after_id, pk__lte=seal.last_id)
        newest = events.aggregate(at=Max("at"))["at"]
        if (newest is not None and newest >= before) or count >= EVENTS_AT_ONCE:
            break
        last, count = seal, count + seal.events
    return last, count


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", (NO_PURGE,))
        return cursor.fetchone()[0]
