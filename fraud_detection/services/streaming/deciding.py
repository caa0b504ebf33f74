"""Messages become decisions: in the order of each shard, together where engine and client are the same."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fraud_detection.models import LetterReason
from fraud_detection.services.announcing import Decided
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.streaming.envelope import Event, MessageRefused, read_event
from fraud_detection.services.streaming.source import Message
from ml.domains.fields import RecordRefused
from users.models import ClientSystem
from users.services import client_system


@dataclass(frozen=True)
class Buried:
    """A message that is no decision, and why."""

    message: Message
    reason: LetterReason
    detail: str
    engine: str = ""
    event_id: str = ""
    attempts: int = 1


Settled = Decided | Buried


def read_all(messages: Iterable[Message]) -> tuple[list[Event], list[Buried]]:
    """The events, and what cannot be read as one."""
    events, buried = [], []
    for message in messages:
        try:
            events.append(read_event(message))
        except MessageRefused as refused:
            buried.append(Buried(message, refused.reason, str(refused), refused.engine, refused.event_id))
    return events, buried


def runs(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Parts to be decided together: one engine and client each, every shard in its order.

    A shard that changes engine waits for the part after, so that nothing overtakes within a shard.
    """
    shards: dict[tuple, deque[Event]] = {}
    for event in events:
        shards.setdefault((event.message.stream, event.message.shard), deque()).append(event)
    waiting = [shard for shard in shards.values() if shard]
    while waiting:
        first = min(waiting, key=lambda shard: shard[0].message.arrived)[0]
        heads = [_leading(shard, _kind(first)) for shard in waiting]
        yield list(heapq.merge(*heads, key=lambda event: event.message.arrived))
        waiting = [shard for shard in waiting if shard]


def decide_run(events: Sequence[Event]) -> list[Settled]:
    """Decide events of one engine and client in their order; a bad one fails alone."""
    engine, client = events[0].engine, client_of(events[0].message.stream.client)
    records = [event.record for event in events]
    if engine in SOURCES:
        results = decide_events(engine, records, client=client)
    else:
        results = decide_payments(records, client=client, engine=engine)
    return [_settled(event, result) for event, result in zip(events, results, strict=True)]


def client_of(name: str) -> ClientSystem:
    """The client system that a stream belongs to."""
    return client_system(name)


def _leading(shard: deque[Event], kind: tuple[str, str]) -> list[Event]:
    found = []
    while shard and _kind(shard[0]) == kind:
        found.append(shard.popleft())
    return found


def _kind(event: Event) -> tuple[str, str]:
    return event.engine, event.message.stream.client


def _settled(event: Event, result: Decided | RecordRefused | EventConflict) -> Settled:
    if isinstance(result, Decided):
        return result
    reason = LetterReason.CONFLICT if isinstance(result, EventConflict) else LetterReason.REFUSED
    return Buried(event.message, reason, told(result), event.engine, event.event_id)


def told(refused: Exception) -> str:
    """What is wrong, each field by its name."""
    if isinstance(refused, RecordRefused):
        return "; ".join(f"{one.field or 'event'}: {one.detail}" for one in refused.problems)
    return str(refused)
