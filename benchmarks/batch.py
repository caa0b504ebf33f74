"""Rows of a file decided in chunks, beside a bare COPY of the rows stored, and live payments meanwhile."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks import engine, house, live_load, loading, store
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from benchmarks.usage import postmaster, tree_clock
from fraud_detection.services import bulk
from fraud_detection.services.transaction_files import Row as FileRow
from users.services import client_system

PORT = 18_720
BEGIN, PACE = datetime.now(UTC) - timedelta(days=20), timedelta(seconds=1.6)
_moments = itertools.count()


def rows(place, *, events: int, count: int) -> Iterator[Row]:
    """`count` rows into a store of `events`; then live payments alone, and beside more rows."""
    population = Population()
    engine.prepare(house.progress)
    store.fill(population, events, house.progress)
    database = tree_clock(postmaster(place.postgres))
    newest = {table: loading.newest_id(table) for table in loading.TABLES}
    traffic, client = Traffic(population), client_system(f"batch {time.time_ns()}")
    decided = _decided(traffic, client, count, database)
    yield decided
    with tempfile.TemporaryDirectory() as directory:
        yield from loading.copied(Path(directory), newest, decided)
    key = {"X-API-Key": engine.new_key()}
    more = client_system(f"batch {time.time_ns()}")
    with house.product(place, PORT) as web:
        yield {"what": "live alone", **live_load.beside(web.url, key, _nothing)}
        yield {"what": "live beside rows", **live_load.beside(web.url, key, lambda: _more(traffic, more))}


def _nothing() -> int:
    time.sleep(0.2)
    return 0


def _more(traffic: Traffic, client) -> int:
    return bulk.decide_rows("payments", _chunk(traffic), client=client).stored


def _decided(traffic: Traffic, client, count: int, database) -> Row:
    process, peak, spent, python, server = psutil.Process(), 0, 0.0, 0.0, 0.0
    for start in range(0, count, bulk.ROWS):
        chunk = _chunk(traffic, min(bulk.ROWS, count - start))
        before, used, began = database(), time.process_time(), time.perf_counter()
        found = bulk.decide_rows("payments", chunk, client=client)
        spent += time.perf_counter() - began
        python, server = python + time.process_time() - used, server + database() - before
        peak = max(peak, process.memory_info().rss)
        if found.stored != len(chunk):
            raise SystemExit(f"{found.stored} of {len(chunk)} rows were stored: {found.refused[:3]}")
    return {
        "what": "decide_rows",
        "rows": count,
        "seconds": spent,
        "per_s": count / spent,
        "python_cpu_us": 1e6 * python / count,
        "pg_cpu_us": 1e6 * server / count,
        "peak_mib": peak // 2**20,
    }


def _chunk(traffic: Traffic, count: int = bulk.ROWS) -> list[FileRow]:
    """Rows of a file about the weeks before: all in one hour they would be one great suspicion."""
    records = [traffic.record() for _ in range(count)]
    for record in records:
        moment = BEGIN + next(_moments) * PACE
        record["occurred_at"] = moment.isoformat()
    names = list(dict.fromkeys(name for record in records for name in record))
    return [
        FileRow(line, {name: record.get(name, "") for name in names}, None)
        for line, record in enumerate(records, 2)
    ]
