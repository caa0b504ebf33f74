"""Sealing: closed events are bound into the chain, behind the back of those who write them."""

from datetime import datetime
from itertools import islice

import structlog
from django.db import connection, transaction
from django.utils import timezone

from logs.models import AuditSeal, AuditSealEntries
from logs.services.chain.boundary import closed_boundary, handed_out
from logs.services.chain.hashing import GENESIS, Entry, Header, entries_hash, events_between, hash_of, packed
from logs.services.system_events import note

PATIENCE_SECONDS = 5.0
EVENTS_A_SEAL = 5_000
ONE_SEALER = 0x5EA1_0001
log = structlog.get_logger(__name__)


def last_seal() -> AuditSeal | None:
    """The head of the chain."""
    return AuditSeal.objects.order_by("-number").first()


def seal_events(*, patience: float = PATIENCE_SECONDS) -> list[AuditSeal]:
    """Seal every event that is closed; [] when there is none, or writers outlast `patience` seconds.

    Costs one statement when nothing was written. Of two at a time one does the work.
    """
    head = last_seal()
    if handed_out() <= (head.last_id if head else 0):
        return []
    boundary = closed_boundary(patience)
    if boundary is None:
        log.info("audit_not_sealed", reason="a transaction that writes events is still open")
        return []
    seals = []
    while (seal := _seal_next(boundary, timezone.now())) is not None:
        seals.append(seal)
    if seals:
        _tell(seals)
    return seals


@transaction.atomic
def _seal_next(boundary: int, now: datetime) -> AuditSeal | None:
    """One seal over the next events up to the boundary; None when there are none, or somebody else seals."""
    if not _alone():
        return None
    head = last_seal()
    after_id = head.last_id if head else 0
    entries = list(islice(events_between(after_id, boundary), EVENTS_A_SEAL))
    if not entries:
        return None
    last_id = entries[-1][0] if len(entries) == EVENTS_A_SEAL else boundary
    return _write(head, after_id, last_id, entries, now)


def _write(
    head: AuditSeal | None, after_id: int, last_id: int, entries: list[Entry], now: datetime
) -> AuditSeal:
    content = packed(entries)
    header = Header(
        number=head.number + 1 if head else 1,
        previous=head.hash if head else GENESIS,
        after_id=after_id,
        last_id=last_id,
        events=len(entries),
        entries_hash=entries_hash(content),
        sealed_at=now,
    )
    seal = AuditSeal.objects.create(**header._asdict(), hash=hash_of(header))
    AuditSealEntries.objects.create(seal=seal, packed=content)
    return seal


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", (ONE_SEALER,))
        return cursor.fetchone()[0]


def _tell(seals: list[AuditSeal]) -> None:
    """The head goes to the log of the process too: a copy outside of the database."""
    head, count = seals[-1], sum(seal.events for seal in seals)
    log.info("audit_sealed", seal=head.number, hash=head.hash, events=count)
    note(
        "audit.sealed",
        component="audit",
        text=f"{count:,} event{'' if count == 1 else 's'} sealed up to {head.last_id:,}",
        detail={"seal": head.number, "hash": head.hash, "events": count},
    )
