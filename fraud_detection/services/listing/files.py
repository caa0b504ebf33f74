"""Lists in and out as CSV: many entries in one statement, all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from fraud_detection.models import CustomList, ListEntry, ListKind
from fraud_detection.services.listing.changes import note_change
from fraud_detection.services.listing.csv_form import FileRefused, Line, LineRefused, read_lines, written
from fraud_detection.services.listing.values import ENTITY_LISTS, EntryRefused, listed_reason, listed_value
from logs.services import record
from users.models import User

SHOWN_ERRORS = 100
END_EXPIRED = """
    update fraud_detection_listentry entry set removed_at = %(now)s
    from unnest(%(kinds)s::text[], %(values)s::text[]) as wanted(kind, value)
    where entry.list = %(list)s and entry.kind = wanted.kind and entry.value = wanted.value
        and entry.removed_at is null and entry.expires_at <= %(now)s
"""
INSERT = """
    insert into fraud_detection_listentry
        (list, kind, value, reason, expires_at, created_at, created_by, removed_by, revision)
    select %(list)s, kind, value, reason, expires_at, %(now)s, %(author)s, '', 1
    from unnest(%(kinds)s::text[], %(values)s::text[], %(reasons)s::text[], %(expiries)s::timestamptz[])
        as wanted(kind, value, reason, expires_at)
    on conflict (kind, value, list) where removed_at is null do nothing
"""


class ImportRefused(ValueError):
    """A file with lines that cannot stand; nothing of it is stored. `errors` are the first of them."""

    def __init__(self, errors: list[LineRefused], count: int):
        self.errors, self.count = errors, count
        lines = "1 line" if count == 1 else f"{count:,} lines"
        super().__init__(f"{lines} cannot be taken, so nothing was stored")


class EntriesRefused(ImportRefused):
    """Entries of a request that cannot stand; the lines of its errors are their places, from 0."""


@dataclass(frozen=True)
class Imported:
    """What came of a file: entries added, those that stood already, lines refused (in partial mode)."""

    added: int
    unchanged: int
    refused: int
    errors: tuple[LineRefused, ...] = ()


def import_entries(
    *,
    list: str,
    content: bytes,
    acting_user: User,
    reason: str = "",
    partial: bool = False,
    request_id: str = "",
) -> Imported:
    """Put the entries of a CSV on a list; those that stand there already stay as they are.

    Any wrong line refuses the whole (ImportRefused); with `partial` the sound lines are stored all the
    same. Raises EntryRefused for an unknown list, FileRefused for what is no such file.
    """
    now = timezone.now()
    lines: dict[tuple[str, str], Line] = {}
    errors, refused, taken = [], 0, 0
    for line in read_lines(content, kinds=kinds_of(list), reason=reason, now=now):
        if isinstance(line, Line):
            taken += 1
            lines.setdefault((line.kind, line.value), line)
        else:
            refused += 1
            errors += [line] if refused <= SHOWN_ERRORS else []
    if refused and not partial:
        raise ImportRefused(errors, refused)
    if not taken and not refused:
        raise FileRefused("line 2: there are no entries")
    added = _stored(list, [*lines.values()], now, content, acting_user, request_id)
    return Imported(added, taken - added, refused, tuple(errors))


def add_entries(
    *, list: str, entries: Sequence[Mapping[str, Any]], acting_user: User, request_id: str = ""
) -> Imported:
    """Put many entries on a list, all or none: mappings with value, kind, reason, expires_at.

    Raises EntriesRefused naming each that cannot stand, EntryRefused for an unknown list.
    """
    now, kinds = timezone.now(), kinds_of(list)
    lines: dict[tuple[str, str], Line] = {}
    faults = []
    for place, given in enumerate(entries):
        try:
            line = _line_of(place, given, kinds, now)
            lines.setdefault((line.kind, line.value), line)
        except EntryRefused as refused:
            faults.append(LineRefused(place, refused.field, str(refused)))
    if faults:
        raise EntriesRefused(faults, len(faults))
    added = _stored(list, [*lines.values()], now, b"", acting_user, request_id)
    return Imported(added, len(entries) - added, 0)


def _line_of(place: int, given: Mapping[str, Any], kinds: tuple[str, ...], now: datetime) -> Line:
    kind = given.get("kind") or (kinds[0] if len(kinds) == 1 else "")
    if kind not in kinds:
        raise EntryRefused(f"'{kind[:40]}' is not what this list holds: {', '.join(kinds)}", "kind")
    expires_at = given.get("expires_at")
    if expires_at is not None and expires_at <= now:
        raise EntryRefused("must lie in the future", "expires_at")
    value, reason = listed_value(kind, given["value"]), listed_reason(given["reason"])
    return Line(place, kind, value, reason, expires_at)


def kinds_of(name: str, *, held: bool = False) -> tuple[str, ...]:
    """What a list holds; raises EntryRefused where there is none. `held`: nobody deletes it meanwhile."""
    if name in ENTITY_LISTS:
        return tuple(kind for kind in ListKind.values if kind != ListKind.WORD)
    lists = CustomList.objects.select_for_update(no_key=True) if held else CustomList.objects.all()
    custom = lists.filter(name=name, removed_at=None).first()
    if custom is None:
        raise EntryRefused(f"there is no list '{name[:64]}'; make it first, or use block or allow", "list")
    return (custom.kind,)


@transaction.atomic
def _stored(
    name: str, lines: Sequence[Line], now: datetime, content: bytes, acting_user: User, request_id: str
) -> int:
    """How many were added. One audit row tells of the file."""
    kinds_of(name, held=True)  # somebody may have deleted it since the lines were read
    given = {
        "list": name,
        "now": now,
        "author": acting_user.email,
        "kinds": [line.kind for line in lines],
        "values": [line.value for line in lines],
        "reasons": [line.reason for line in lines],
        "expiries": [line.expires_at for line in lines],
    }
    with connection.cursor() as cursor:
        cursor.execute(END_EXPIRED, given)
        cursor.execute(INSERT, given)
        added = cursor.rowcount
    if added:
        note_change(name, ranges=ListKind.IP_RANGE in given["kinds"])
    record(
        "list.imported",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="list",
        subject=name,
        after={
            "lines": len(lines),
            "added": added,
            "sha256": sha256(content).hexdigest() if content else None,
        },
        request_id=request_id,
    )
    return added


def exported(list_name: str) -> Iterator[str]:
    """What stands on a list now as CSV, line by line, oldest first."""
    now = timezone.now()
    standing = ListEntry.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), list=list_name, removed_at=None
    )
    return written(_row(entry) for entry in standing.order_by("id").iterator(chunk_size=2_000))


def _row(entry: ListEntry) -> dict[str, str]:
    return {
        "value": entry.value,
        "kind": entry.kind,
        "reason": entry.reason,
        "expires_at": entry.expires_at.isoformat() if entry.expires_at else "",
        "created_at": entry.created_at.isoformat(timespec="seconds"),
        "created_by": entry.created_by,
    }
