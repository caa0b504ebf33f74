"""Training on a history of many rows, in a process of its own, so that the memory it held is known."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.report import Row
from ml.features.durations import DAY, HOUR
from ml.history import History
from ml.modeling.histories import train_history

MOST_ROWS = 2_000_000
DAYS = 180
ENTITIES, COUNTERPARTIES, DEVICES = 20_000, 5_000, 25_000
SENT_IN_FRAUD = 4.0  # times the entity's usual amount


def rows(*, count: int) -> Iterator[Row]:
    if not 5_000 <= count <= MOST_ROWS:
        raise SystemExit(f"--rows: from 5,000 to {MOST_ROWS:,}")
    command = [sys.executable, "-m", "benchmarks.training", str(count)]
    # one thread is for processes that serve; waiting threads sleep, or they take the time of the others
    free = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    free["OMP_WAIT_POLICY"] = "PASSIVE"
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=free)
    yield json.loads(done.stdout)


def history(count: int, seed: int = 1) -> History:
    """Card payments with every role, three extra numbers and three categories; 0.5% fraud in bursts."""
    rng = np.random.default_rng(seed)
    times = np.sort(20_000 * DAY + rng.integers(0, DAYS * DAY, count))
    entity, where = rng.integers(0, ENTITIES, count), rng.integers(0, COUNTERPARTIES, count)
    day = (times - times[0]) // DAY
    burst = rng.integers(0, DAYS, ENTITIES)
    y = ((np.abs(day - burst[entity]) < 3) & (rng.random(count) < 0.17)).astype(np.int8)
    usual = np.exp(rng.normal(3.0, 0.8, ENTITIES))[entity]
    amounts = usual * np.exp(rng.normal(0.0, 0.5, count)) * np.where(y == 1, SENT_IN_FRAUD, 1.0)
    minor = np.round(amounts * 100).astype(np.int64)
    place = rng.uniform(-60, 60, (ENTITIES, 2))[entity] + rng.normal(0, 0.3, (count, 2))
    events = {
        "id": np.arange(1, count + 1),
        "occurred_at": times,
        "local_hour": times // HOUR % 24,
        "sender_key": entity + 1,
        "receiver_key": where + 10**6,
        "merchant_key": where + 10**6,
        "device_key": rng.integers(0, DEVICES, count),
        "amount_minor": minor,
        "original_minor": minor,
        "amount_ln": np.round(np.log(np.maximum(amounts, 0.01)) * 10_000).astype(np.int64),
        "latitude_e6": np.round(place[:, 0] * 1e6).astype(np.int64),
        "longitude_e6": np.round(place[:, 1] * 1e6).astype(np.int64),
        "type": np.zeros(count, np.int64),
    }
    categories = {
        f"category_{size}": (rng.integers(0, size, count).astype(np.int32), [f"c{n}" for n in range(size)])
        for size in (5, 14, 400)
    }
    return History(
        name="benchmark",
        ids=events["id"].astype(str),
        times=times,
        y=y,
        known_at=times + 7 * DAY,
        weight=None,
        events=events,
        numeric={f"number_{n}": rng.normal(size=count).astype(np.float32) for n in range(3)},
        categorical=categories,
        roles=frozenset(
            {"id", "time", "entity", "counterparty", "device", "amount", "location", "label"}
        ),
        label_delay=7 * DAY,
    )  # fmt: skip


def measured(count: int) -> Row:
    given = history(count)
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()

    def told(message: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {message}", file=sys.stderr)

    model, report = train_history(given, engine="payments", threads=2, progress=told)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "what": "training on a history",
        "rows": count,
        "features": len(model.card.features),
        "seconds": time.perf_counter() - began,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mib": after.ru_maxrss / 1024,
        "of_it_input_mib": before.ru_maxrss / 1024,
        "average_precision": report["metrics"]["average_precision"]["value"],
    }


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))
