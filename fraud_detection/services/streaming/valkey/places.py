"""What a sharded stream consists of at the server: its number of shards, groups, what may be forgotten."""

import redis

from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.source import SourceRefused


def settled_shards(store: redis.Redis, stream: Stream, wanted: int) -> int:
    """The number of shards, written down at first use: another one would send a key's events elsewhere."""
    key = f"{stream.base}:shards"
    store.set(key, wanted, nx=True)
    found = int(store.get(key))
    if found != wanted:
        raise SourceRefused(
            f"{stream.base} has {found} shards, not {wanted}: start with --shards {found} (STREAM_SHARDS),"
            f" or stop its producers, let it be consumed to the end, delete the key {key} and start anew"
        )
    return found


def make_group(store: redis.Redis, key: str, group: str) -> None:
    """A group that begins with the oldest message; one that is there stays as it is."""
    try:
        store.xgroup_create(key, group, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def lag_of(store: redis.Redis, key: str, group: str) -> tuple[int, int]:
    """(never given out, given out and not acknowledged)."""
    for found in store.xinfo_groups(key):
        if found["name"] == group.encode():
            unread = found.get("lag")
            if unread is None:  # the server lost count, as after an XDEL
                unread = len(store.xrange(key, f"({found['last-delivered-id'].decode()}", "+", count=10_000))
            return int(unread), int(found["pending"])
    return store.xlen(key), 0


def trim(store: redis.Redis, key: str) -> None:
    """Forget what every group has settled; nothing that somebody still needs."""
    floors = []
    for group in store.xinfo_groups(key):
        floor = group["last-delivered-id"]
        if group["pending"]:
            floor = store.xpending(key, group["name"])["min"] or floor
        floors.append(floor)
    if floors:
        store.xtrim(key, minid=min(floors, key=_order), approximate=False)


def _order(position: bytes) -> tuple[int, int]:
    milliseconds, _, number = position.partition(b"-")
    return int(milliseconds), int(number)
