"""What is hashed, and how: the format that docs/AUDIT.md describes for those who check it by themselves."""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

GENESIS = "0" * 64
ENTRY = struct.Struct(">q32s")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Every column of an event but its id, which its entry binds. JSON is text as PostgreSQL writes jsonb.
COLUMNS = (
    "at", "actor_kind", "actor", "action", "subject_kind", "subject", "before", "after", "request_id",
)  # fmt: skip
EVENTS = """
    select id, (extract(epoch from at) * 1000000)::bigint::text, actor_kind, actor, action, subject_kind,
           subject, before::text, after::text, request_id
    from logs_auditevent where id > %s and id <= %s order by id limit %s
"""
AT_ONCE = 2_000
LARGEST_ID = 2**63 - 1
Entry = tuple[int, bytes]  # id and digest of an event


class Header(NamedTuple):
    """What the hash of a seal covers."""

    number: int
    previous: str
    after_id: int
    last_id: int
    events: int
    entries_hash: str
    sealed_at: datetime


def digest_of(columns: Iterable[str | None]) -> bytes:
    """SHA-256 of an event's columns, each with its length in bytes before it; NULL differs from empty."""
    parts = [b"fraudguard audit event 1\n"]
    for value in columns:
        if value is None:
            parts.append(b"-\n")
        else:
            encoded = value.encode()
            parts.append(b"%d:%s\n" % (len(encoded), encoded))
    return hashlib.sha256(b"".join(parts)).digest()


def hash_of(header: Header) -> str:
    """SHA-256 of a seal, in hexadecimal digits; times in whole microseconds since 1970."""
    moment = (header.sealed_at - EPOCH) // timedelta(microseconds=1)
    lines = ("fraudguard audit seal 1", *header[:-1], moment)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def events_between(after_id: int, last_id: int = LARGEST_ID) -> Iterator[Entry]:
    """(id, digest) of the events with after_id < id <= last_id in order of id, read AT_ONCE at a time."""
    while rows := _read(after_id, last_id):
        for row in rows:
            yield row[0], digest_of(row[1:])
        after_id = rows[-1][0]


def _read(after_id: int, last_id: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, (after_id, last_id, AT_ONCE))
        return cursor.fetchall()


def packed(entries: Iterable[Entry]) -> bytes:
    return b"".join(ENTRY.pack(*entry) for entry in entries)


def unpacked(content: bytes) -> list[Entry]:
    """The entries of a seal; what is no whole entry at the end, after tampering, is left out."""
    return list(ENTRY.iter_unpack(content[: len(content) - len(content) % ENTRY.size]))


def entries_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
