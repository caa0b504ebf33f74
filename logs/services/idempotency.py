"""Idempotency-Key: a call is carried out once for a caller and key, and answered again the same."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from logs.models import IdempotentCall
from logs.redacting import fits, mask_cards

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)  # after this a call without an answer is taken to have died
BEGIN = """
    insert into logs_idempotentcall as known (caller, key, digest, started_at)
    values (%(caller)s, %(key)s, %(digest)s, %(now)s)
    on conflict (caller, key) do update
        set digest = excluded.digest, started_at = excluded.started_at, status = null, body = null
        where known.started_at <= %(now)s - %(kept)s
           or (known.status is null and known.digest = excluded.digest
               and known.started_at <= %(now)s - %(lease)s)
    returning id
"""


class Standing(StrEnum):
    """What a key says of a call."""

    NEW = "new"
    RUNNING = "running"
    OTHER_BODY = "other_body"
    ANSWERED = "answered"


class Begun(NamedTuple):
    """The standing of a call; `status` and `body` are the earlier answer, when there is one.

    A new call holds its key while nobody else took it over: while it is the one that began at `since`.
    """

    standing: Standing
    id: int
    status: int | None = None
    body: Any = None
    since: datetime | None = None


def begin_call(*, caller: str, key: str, digest: bytes, now: datetime) -> Begun:
    """Claim a key for this call, or say what stands under it. Of simultaneous calls one is NEW."""
    key = fits(mask_cards(key), 255)  # it is the caller's own text
    values = {"caller": caller, "key": key, "digest": digest, "now": now, "kept": KEPT, "lease": LEASE}
    known = None
    while known is None:  # a call that failed frees its key between the two looks: claim it then
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, values)
            row = cursor.fetchone()
        if row is not None:
            return Begun(Standing.NEW, row[0], since=now)
        known = IdempotentCall.objects.filter(caller=caller, key=key).first()
    if bytes(known.digest) != digest:
        return Begun(Standing.OTHER_BODY, known.pk)
    if known.status is None:
        return Begun(Standing.RUNNING, known.pk)
    return Begun(Standing.ANSWERED, known.pk, known.status, known.body)


def finish_call(call: Begun, *, status: int, body: Any) -> bool:
    """Keep the answer of a call that was carried out; False when it ran so long that its key was taken."""
    held = IdempotentCall.objects.filter(pk=call.id, started_at=call.since, status__isnull=True)
    return bool(held.update(status=status, body=body))


def forget_call(call: Begun) -> None:
    """Free the key of a call that was not carried out, so that it can be tried again."""
    IdempotentCall.objects.filter(pk=call.id, started_at=call.since, status__isnull=True).delete()


def purge_calls(now: datetime) -> int:
    """Delete what is older than a day; returns how many."""
    return IdempotentCall.objects.filter(started_at__lte=now - KEPT).delete()[0]
