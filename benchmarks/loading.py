"""load_transactions of a generated file, beside a bare COPY of the very rows it stored."""

import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.db import connection

from benchmarks import engine, house, store
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from benchmarks.usage import postmaster, tree_clock
from fraud_detection.services.imports import load_payments
from users.services import client_system

MOST_ROWS = 1_000_000
# What a decision stores: each table with the columns that must differ in a second copy.
TABLES = {
    "transactions_transaction": ("id", "client_id"),
    "fraud_detection_assessment": ("id", "transaction_id", "client_id"),
    "fraud_detection_rulehit": ("id", "assessment_id"),
}


def rows(place, *, events: int, count: int) -> Iterator[Row]:
    if not 1_000 <= count <= MOST_ROWS:
        raise SystemExit(f"--rows: from 1,000 to {MOST_ROWS:,}")
    population = Population()
    engine.prepare(house.progress)
    store.fill(population, events, house.progress)
    database = tree_clock(postmaster(place.postgres))
    newest = {table: newest_id(table) for table in TABLES}
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "payments.csv"
        _write(file, population, count)
        loaded = _loaded(file, database)
        yield loaded
        yield from copied(Path(directory), newest, loaded)


def _write(file: Path, population: Population, count: int) -> None:
    traffic = Traffic(population)
    records = [traffic.record() for _ in range(100)]
    names = list(dict.fromkeys(name for record in records for name in record))
    with file.open("w", newline="") as output:
        writer = csv.DictWriter(output, names)
        writer.writeheader()
        writer.writerows(traffic.record() for _ in range(count))


def _loaded(file: Path, database) -> Row:
    before, began, used = database(), time.perf_counter(), time.process_time()
    found = load_payments(
        file,
        client_name=f"load {time.time_ns()}",
        errors=file.with_suffix(".errors"),
        acting="benchmarks",
        progress=lambda done, total: None,
    )
    spent = time.perf_counter() - began
    return {
        "what": "load_transactions",
        "rows": found.stored,
        "seconds": spent,
        "per_s": found.stored / spent,
        "python_cpu_ms": 1000 * (time.process_time() - used) / found.rows,
        "pg_cpu_ms": 1000 * (database() - before) / found.rows,
        "peak_mib": psutil.Process().memory_info().rss // 2**20,
    }


def copied(directory: Path, newest: dict[str, int], loaded: Row) -> Iterator[Row]:
    """Write what was stored to files, then COPY it in once more under the next ids, in one transaction."""
    added = {table: newest_id(table) - newest[table] for table in TABLES}
    event, assessment = added["transactions_transaction"], added["fraud_detection_assessment"]
    moved = {
        "transaction_id": f"transaction_id + {event}",
        "assessment_id": f"assessment_id + {assessment}",
        "client_id": f"{client_system(f'copy {time.time_ns()}').pk}::bigint",
    }
    columns = {table: _columns(table) for table in TABLES}
    with connection.cursor() as cursor:
        for table, changed in TABLES.items():
            values = moved | {"id": f"id + {added[table]}"}
            selected = ", ".join(values[name] if name in changed else name for name in columns[table])
            query = f"select {selected} from {table} where id > {newest[table]}"
            with (directory / table).open("wb") as output:
                cursor.copy_expert(f"copy ({query}) to stdout (format binary)", output)
        began = time.perf_counter()
        cursor.execute("begin")
        for table in TABLES:
            with (directory / table).open("rb") as file:
                target = f"{table} ({', '.join(columns[table])})"
                cursor.copy_expert(f"copy {target} from stdin (format binary)", file)
        cursor.execute("commit")
        spent = time.perf_counter() - began
        for table in TABLES:
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"select setval({sequence}, coalesce(max(id), 1)) from {table}")
    yield {
        "what": "limit: bare COPY",
        "rows": loaded["rows"],
        "seconds": spent,
        "per_s": loaded["rows"] / spent,
        "times_slower": loaded["seconds"] / spent,
    }


def newest_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select coalesce(max(id), 0) from {table}")
        return cursor.fetchone()[0]


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]
