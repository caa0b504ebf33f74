"""Verifying: every seal against the one before it, every sealed event against its seal, in bounded memory."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from logs.models import AuditCheckpoint, AuditEvent, AuditSeal, AuditSealEntries
from logs.services.chain.boundary import handed_out
from logs.services.chain.findings import Finding, Findings
from logs.services.chain.hashing import (
    GENESIS,
    Entry,
    Header,
    entries_hash,
    events_between,
    hash_of,
    unpacked,
)
from logs.services.chain.heads import Head, compare

SEALS_AT_ONCE = 50
NO_PURGE = 0x5EA1_0002  # verifying holds it shared, a purge alone


@dataclass
class Report:
    """What was verified. `ok` says that everything sealed is as it was sealed."""

    events: int = 0
    seals: int = 0
    purged_up_to: int = 0
    head: Head | None = None
    sealed_at: datetime | None = None
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    @property
    def ok(self) -> bool:
        return self.found == 0


class Events:
    """The events of the trail in order of id, taken step by step."""

    def __init__(self) -> None:
        self._rows = events_between(-(2**63))
        self._next = next(self._rows, None)

    def up_to(self, last_id: int) -> Iterator[Entry]:
        while self._next is not None and self._next[0] <= last_id:
            yield self._next
            self._next = next(self._rows, None)


def verify_audit(heads: Sequence[Head] = ()) -> Report:
    """Verify the chain and every sealed event; `heads` are earlier exported heads it must contain.

    What was written since the newest seal is counted, not verified: nothing binds it yet.
    """
    with _without_purges():
        return _verified(heads)


def _verified(heads: Sequence[Head]) -> Report:
    report, findings = Report(), Findings()
    checkpoint = AuditCheckpoint.objects.select_related("seal").first()
    purged = checkpoint.seal_id if checkpoint else 0
    report.purged_up_to = checkpoint.last_id if checkpoint else 0
    limit, events, before = handed_out(), Events(), None
    for seal in _seals():
        _check_seal(seal, before, findings)
        _check_events(seal, before, events, purged, report, findings)
        report.seals, before = report.seals + 1, seal
    report.unsealed = _rest(events, limit, findings)
    findings.ended(cut_off=report.unsealed == 0)
    if before is not None:
        report.head, report.sealed_at = Head(before.number, before.hash), before.sealed_at
    if checkpoint:
        _check_checkpoint(checkpoint, findings)
    compare(heads, report.head, findings)
    report.findings, report.found = findings.named, findings.count
    return report


def _seals() -> Iterator[AuditSeal]:
    """In order of number."""
    number = -(2**63)
    while seals := list(AuditSeal.objects.filter(number__gt=number).order_by("number")[:SEALS_AT_ONCE]):
        yield from seals
        number = seals[-1].number


def _check_seal(seal: AuditSeal, before: AuditSeal | None, findings: Findings) -> None:
    number = seal.number
    header = Header(*(getattr(seal, name) for name in Header._fields))
    if hash_of(header) != seal.hash:
        findings.add("seal", f"seal {number} was changed: it does not have the hash it names", seal=number)
    expected = (before.number + 1, before.hash, before.last_id) if before else (1, GENESIS, 0)
    if number != expected[0]:
        gone = f"{expected[0]} is" if number == expected[0] + 1 else f"{expected[0]} to {number - 1} are"
        findings.add("seal", f"seal {gone} gone", seal=expected[0])
    elif (seal.previous, seal.after_id) != expected[1:]:
        findings.add("seal", f"seal {number} does not follow from seal {number - 1}", seal=number)


def _check_events(
    seal: AuditSeal,
    before: AuditSeal | None,
    events: Events,
    purged: int,
    report: Report,
    findings: Findings,
) -> None:
    """The events of one seal's range beside its entries, both in order of id."""
    gap = seal.number != (before.number + 1 if before else 1)
    for event, found in events.up_to(seal.after_id):  # beside every seal: of one that is gone, or slipped in
        if not gap:
            findings.added(event, found)
    sealed = deque(_entries(seal, purged, findings))
    for event, found in events.up_to(seal.last_id):
        while sealed and sealed[0][0] < event:
            findings.gone(*sealed.popleft(), seal.number)
        if sealed and sealed[0][0] == event:
            findings.present()
            if sealed[0][1] != found:
                findings.changed(event, sealed[0][1], found, seal.number)
            sealed.popleft()
            report.events += 1
        else:
            findings.added(event, found)
    for entry in sealed:
        findings.gone(*entry, seal.number)


def _entries(seal: AuditSeal, purged: int, findings: Findings) -> list[Entry]:
    row = AuditSealEntries.objects.filter(seal=seal.number).first()
    if row is None:
        if seal.number > purged:
            findings.add("seal", f"the entries of seal {seal.number} are gone", seal=seal.number)
        return []
    content = bytes(row.packed)
    if entries_hash(content) != seal.entries_hash:
        findings.add("seal", f"the entries of seal {seal.number} were changed", seal=seal.number)
    return unpacked(content)


def _rest(events: Events, limit: int, findings: Findings) -> int:
    """How many events no seal binds yet; none of them may have an id that was never handed out."""
    count = 0
    for event, _found in events.up_to(2**63 - 1):
        count += 1
        if event > limit:
            findings.add("inserted", f"event {event} was inserted: no such id was handed out", event=event)
    return count


def _check_checkpoint(checkpoint: AuditCheckpoint, findings: Findings) -> None:
    """The newest one names its seal, and the trail itself tells of it."""
    seal = checkpoint.seal_id
    if checkpoint.seal.last_id != checkpoint.last_id:
        findings.add("checkpoint", f"the checkpoint at seal {seal} was changed", seal=seal)
    announced = AuditEvent.objects.filter(
        action="audit.purged", subject=str(seal), after__up_to_event=checkpoint.last_id
    )
    if not announced.exists():
        text = f"events up to {checkpoint.last_id} were removed, but no event audit.purged tells of it"
        findings.add("checkpoint", text, seal=seal)


@contextmanager
def _without_purges() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock_shared(%s)", (NO_PURGE,))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock_shared(%s)", (NO_PURGE,))
