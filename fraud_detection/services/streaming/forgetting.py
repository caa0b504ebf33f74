"""Dead letters that go: settled ones in time, those of an erased customer; in dead-letter streams too.

What a Kafka topic of dead letters keeps is for its own retention: no message in it can be removed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import redis
import structlog
from django.conf import settings
from django.db.models import QuerySet

from fraud_detection.models import LetterState, StreamDeadLetter
from fraud_detection.services.streaming.valkey.consumer import DEAD

READ = 200  # entries a look takes: each may hold STREAM_MESSAGE_BYTES
log = structlog.get_logger(__name__)


def settled_letters(before: datetime) -> QuerySet[StreamDeadLetter]:
    """Replayed or discarded before a moment; what waits is an event that nobody decided yet, and stays."""
    return StreamDeadLetter.objects.filter(settled_at__lt=before).exclude(state=LetterState.WAITING)


def purge_letters(before: datetime) -> int:
    """Remove settled letters, and what was told of letters before that moment; returns the rows removed."""
    with _store() as store:
        for key in store.scan_iter(f"{DEAD}:*"):
            store.xtrim(key, minid=round(before.timestamp() * 1000), approximate=False)
    removed, _ = settled_letters(before).delete()
    return removed


def forget_told(holds: Callable[[bytes], bool]) -> int:
    """Remove the entries of dead-letter streams in whose body or detail something is to be forgotten."""
    gone = 0
    with _store() as store:
        for key in store.scan_iter(f"{DEAD}:*"):
            after = "-"
            while entries := store.xrange(key, after, "+", count=READ):
                found = [place for place, fields in entries if any(map(holds, fields.values()))]
                gone += store.xdel(key, *found) if found else 0
                after = f"({entries[-1][0].decode()}"
    return gone


@contextmanager
def _store() -> Iterator[redis.Redis]:
    """The store of streams. While it is away what stands in the database still goes, and people are told."""
    store = redis.Redis.from_url(settings.STREAM_URL, socket_timeout=5, socket_connect_timeout=2)
    try:
        with store:
            yield store
    except redis.RedisError as error:
        log.error("dead_letter_streams_not_purged", error=f"{type(error).__name__}: {error}")
