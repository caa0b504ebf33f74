"""Sending a script at its rate."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.simulating.pacing import TokenBucket
from fraud_detection.services.simulating.scenarios import Script
from fraud_detection.services.simulating.sending import Sender
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from users.models import ClientSystem

TICK = 0.02
CHUNK = 500
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Sent:
    """How many events went out in which time."""

    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0


def load_history(script: Script, client: ClientSystem, told: Progress = lambda done: None) -> None:
    """Decide what came before, at once and quietly: baselines need it."""
    for start in range(0, len(script.history), CHUNK):
        records = [event.record for event in script.history[start : start + CHUNK]]
        if script.engine in SOURCES:
            decide_events(script.engine, records, client=client, quiet=True)
        else:
            decide_payments(records, client=client, engine=script.engine, quiet=True)
        told(start + len(records))


def send_at(
    script: Script,
    sender: Sender,
    *,
    rate: float,
    stop: threading.Event,
    told: Progress = lambda done: None,
) -> Sent:
    """Send the events at `rate` a second until they are used up or `stop` is set."""
    records: Sequence[Mapping[str, Any]] = [event.record for event in script.events]
    bucket, done, begun = TokenBucket(rate), 0, time.monotonic()
    while done < len(records) and not stop.wait(TICK):
        count = bucket.take(min(len(records) - done, CHUNK))
        if count:
            sender.send(script.engine, records[done : done + count])
            done += count
            told(done)
    return Sent(done, time.monotonic() - begun)
