"""What was found of what was planted, read from the recorded decisions."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, Decision
from users.models import ClientSystem

if TYPE_CHECKING:
    from ml.data_generation.planted import PlantedEvent

GRAVE = ("high", "critical")
CHUNK = 500
LOOK_EVERY = 0.5


@dataclass
class Caught:
    """Of the events that were sent: an event is caught when it was not approved or raised an alert."""

    sent: int = 0
    decided: int = 0
    ordinary: int = 0
    false_alarms: int = 0
    events: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    instances: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))

    def lines(self) -> Iterator[str]:
        """For people, one scheme a line."""
        yield f"{self.decided:,} of {self.sent:,} decided"
        for scheme, (caught, planted) in sorted(self.events.items()):
            found = self.instances[scheme]
            whole = f"; occurrences {sum(found.values())} of {len(found)}" if len(found) < planted else ""
            yield f"  {scheme}: {caught} of {planted} events caught{whole}"
        share = f" ({self.false_alarms / self.ordinary:.1%})" if self.ordinary else ""
        yield f"  ordinary: {self.false_alarms:,} of {self.ordinary:,} held or alerted{share}"


def caught(engine: str, events: Sequence["PlantedEvent"], client: ClientSystem) -> Caught:
    """Count what became of these events of one client system."""
    found = Caught(sent=len(events))
    id_field = ENGINES[engine].id_field
    for start in range(0, len(events), CHUNK):
        part = events[start : start + CHUNK]
        names = [event.record[id_field] for event in part]
        decided = dict(_assessments(engine, names, client).values_list("external_id", "decision"))
        alerted = set(
            _assessments(engine, names, client)
            .filter(hits__severity__in=GRAVE)
            .values_list("external_id", flat=True)
        )
        for event, name in zip(part, names, strict=True):
            if name in decided:
                _count(found, event, decided[name] != Decision.APPROVE or name in alerted)
    return found


def wait_until_decided(
    engine: str,
    events: Sequence["PlantedEvent"],
    client: ClientSystem,
    *,
    seconds: float,
    told: Callable[[int], None],
) -> int:
    """Until all are decided or time is up; returns how many are."""
    end, id_field = time.monotonic() + seconds, ENGINES[engine].id_field
    names = [event.record[id_field] for event in events]
    while True:
        count = sum(
            _assessments(engine, names[start : start + CHUNK], client).count()
            for start in range(0, len(names), CHUNK)
        )
        told(count)
        if count >= len(names) or time.monotonic() > end:
            return count
        time.sleep(LOOK_EVERY)


def _assessments(engine: str, names: Sequence[str], client: ClientSystem) -> QuerySet[Assessment]:
    found = ENGINES[engine]
    relation = found.link.removesuffix("_id")
    by_event = {f"{relation}__client": client, f"{relation}__{found.id_field}__in": names}
    return Assessment.objects.filter(engine=engine, **by_event)


def _count(found: Caught, event: "PlantedEvent", was_caught: bool) -> None:
    found.decided += 1
    if not event.scheme:
        found.ordinary += 1
        found.false_alarms += was_caught
        return
    tally = found.events[event.scheme]
    tally[0] += was_caught
    tally[1] += 1
    instances = found.instances[event.scheme]
    instances[event.instance] = instances.get(event.instance, False) or was_caught
