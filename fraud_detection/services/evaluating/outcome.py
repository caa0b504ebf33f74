"""Deciding a stream of known events, and counting what was found."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from fraud_detection.policy import APPROVE
from fraud_detection.services.announcing import Decided
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.event_files import event_file
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from users.services import client_system

if TYPE_CHECKING:
    from ml.data_generation.planted import PlantedEvent

CHUNK = 500
GRAVE = ("high", "critical")


@dataclass
class Evaluation:
    """Counts over the events that are not warm-up; an event is alerted when an alert would be raised.

    found, planted  occurrences of each scheme, those of them with an alerted event first
    hits            rule -> (on planted events, on ordinary ones)
    """

    ordinary: int = 0
    false_alerts: int = 0
    refused: int = 0
    planted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    found: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    on_planted: Counter[str] = field(default_factory=Counter)
    on_ordinary: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float | None:
        """Share of planted occurrences that were found; None without any."""
        planted = sum(map(len, self.planted.values()))
        return sum(map(len, self.found.values())) / planted if planted else None

    @property
    def false_per_thousand(self) -> float | None:
        """False alerts per 1,000 ordinary events; None without any."""
        return 1000 * self.false_alerts / self.ordinary if self.ordinary else None

    def enter(self, event: "PlantedEvent", decided: Decided) -> None:
        """Count one decided event."""
        hits = [hit["rule"] for hit in decided.body["alerts"]]
        alerted = is_alerted(decided.body)
        if not event.scheme:
            self.ordinary += 1
            self.false_alerts += alerted
            self.on_ordinary.update(hits)
            return
        self.planted[event.scheme].add(event.instance)
        self.on_planted.update(hits)
        if alerted:
            self.found[event.scheme].add(event.instance)


def is_alerted(body: Mapping) -> bool:
    """Whether a decision raises an alert."""
    return body["decision"] != APPROVE or any(hit["severity"] in GRAVE for hit in body["alerts"])


def evaluate(
    engine: str,
    events: Iterable["PlantedEvent"],
    *,
    text: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Decide the events in their order, as a client's would be, and count. `text`: rows of a file."""
    client, counted, done = client_system("evaluation"), Evaluation(), 0
    stream = iter(events)
    while chunk := list(islice(stream, CHUNK)):
        for event, result in zip(chunk, _decided(engine, chunk, client, text), strict=True):
            if not isinstance(result, Decided):
                counted.refused += 1
            elif not event.warmup:
                counted.enter(event, result)
        done += len(chunk)
        progress(done)
    return counted


def _decided(engine: str, chunk: Sequence["PlantedEvent"], client, text: bool) -> list:
    records = [event.record for event in chunk]
    if engine in SOURCES:
        return decide_events(engine, records, client=client, text=text, quiet=True)
    return decide_payments(records, client=client, text=text, engine=engine, quiet=True)


def generated_week(engine: str, *, seed: int, scale: float) -> list["PlantedEvent"]:
    """The engine's own week of ordinary activity with schemes planted in it."""
    generator = import_module(f"ml.domains.{engine}.generator")
    return generator.generate_week(seed=seed, scale=scale)


def from_file(engine: str, path: Path) -> Iterable["PlantedEvent"]:
    """The rows of a labelled CSV; each fraud is an occurrence of its own. Raises FileRefused.

    A row that cannot be read is refused as its decision would be.
    """
    from ml.data_generation.planted import PlantedEvent

    file = event_file(engine, path)
    file.count()
    for row in file.rows():
        scheme = "labelled" if row.is_fraud else ""
        yield PlantedEvent(row.record, scheme, str(row.line), warmup=row.is_fraud is None)
