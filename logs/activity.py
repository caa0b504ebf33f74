"""Recent activity: a capped stream in the Redis store that live pages start from and follow.

Everything in it can be lost: pages read the database for what counts. Publishing never fails
its caller; losing the store only makes pages poll.
"""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings

STREAM = "fraudguard:activity"
LENGTH = 2_000
log = structlog.get_logger(__name__)


@cache
def client() -> redis.Redis:
    """One connection pool a process, with short patience: pages can poll instead."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=0.5)


def publish(kind: str, payload: dict[str, Any]) -> None:
    """Append one message of a kind (decision, alert, job, ...); a store that is away is only logged."""
    publish_many([(kind, payload)])


def publish_many(messages: list[tuple[str, dict[str, Any]]]) -> None:
    """Append messages in order; what cannot be appended is lost to live pages only."""
    try:
        append(messages)
    except redis.RedisError as error:
        log.warning("activity_not_published", messages=len(messages), error=str(error))


def append(messages: list[tuple[str, dict[str, Any]]]) -> None:
    """Append messages in one round trip; raises redis.RedisError when the store is away."""
    pipe = client().pipeline(transaction=False)
    for kind, payload in messages:
        entry = {"kind": kind, "at": datetime.now(UTC).isoformat(), "data": json.dumps(payload, default=str)}
        pipe.xadd(STREAM, entry, maxlen=LENGTH, approximate=True)
    pipe.execute()


def recent(kind: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """The newest messages, newest first: [{id, kind, at, data}]; empty when the store is away."""
    try:
        entries = client().xrevrange(STREAM, count=LENGTH if kind else limit)
    except redis.RedisError as error:
        log.warning("activity_not_read", error=str(error))
        return []
    messages = [decode(entry_id, fields) for entry_id, fields in entries]
    return [message for message in messages if kind in (None, message["kind"])][:limit]


def decode(entry_id: bytes, fields: dict[bytes, bytes]) -> dict[str, Any]:
    """A stream entry as {id, kind, at, data}."""
    return {
        "id": entry_id.decode(),
        "kind": fields[b"kind"].decode(),
        "at": fields[b"at"].decode(),
        "data": json.loads(fields[b"data"]),
    }
