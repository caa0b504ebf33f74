"""The whole feature set: of many events in numpy, and of one event by SQL from the store."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from benchmarks import house, store
from benchmarks.history import event_columns, parts
from benchmarks.population import HOT, Population
from benchmarks.report import Row
from fraud_detection.services.features import computed
from ml.domains.moments import microseconds
from ml.domains.payments.features import PAYMENTS
from ml.features.spec import NULL

MOST_ROWS = 2_000_000
CALLS = 300


def rows(place, *, events: int, count: int) -> Iterator[Row]:
    if not 1_000 <= count <= MOST_ROWS:
        raise SystemExit(f"--rows: from 1,000 to {MOST_ROWS:,}")
    command = [sys.executable, "-m", "benchmarks.features_in_bulk", str(count)]
    yield json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    population = Population()
    store.fill(population, events, house.progress)
    yield from _one_by_one(population)


def _one_by_one(population: Population) -> Iterator[Row]:
    rng = np.random.default_rng(3)
    part = next(parts(population, 100_000))
    columns = event_columns(population, part)
    usual, busy = np.flatnonzero(part.senders != HOT), np.flatnonzero(part.senders == HOT)
    for name, places in (("typical", rng.choice(usual, CALLS)), ("busy", np.resize(busy, CALLS))):
        taken = [_seconds_of(columns, place) for place in places.tolist()]
        yield {
            "what": f"SQL and kernel, one event, {name}",
            "p50_ms": 1000 * float(np.quantile(taken[5:], 0.5)),
            "p99_ms": 1000 * float(np.quantile(taken[5:], 0.99)),
        }


def _seconds_of(columns: dict[str, np.ndarray], place: int) -> float:
    """An event of now by the sender, at the shop and so on, of this one."""
    at = datetime.now(UTC)
    event = {name: int(column[place]) for name, column in columns.items()}
    event = {name: None if value == NULL else value for name, value in event.items()}
    event |= {"id": 2**62, "occurred_at": microseconds(at)}
    began = time.perf_counter()
    computed(PAYMENTS, event, at)
    return time.perf_counter() - began
