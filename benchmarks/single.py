"""One decision a request: throughput, latency and CPU, typical and busy customer, beside two limits."""

import json
import os
from collections.abc import Callable, Iterator

from django.db import connection

from benchmarks import engine, house, load_generator, store
from benchmarks.decision_load import CONNECTIONS, PATH, bodies, figures
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from benchmarks.usage import Clock, postmaster, tree_clock
from fraudguard.embedded.place import Place

PORT = 18_700
WARM_SECONDS = 3.0
LIMIT_SECONDS = 5.0
PACED = 100.0


def rows(place: Place, *, events: int, seconds: float) -> Iterator[Row]:
    """Measure a private installation in this place, holding `events` and the busy customer's."""
    population = Population()
    engine.prepare(house.progress)
    stored = store.fill(population, events, house.progress)
    house.progress(f"{stored:,} events stored")
    database = tree_clock(postmaster(place.postgres))
    limits = {}
    typical, busy = bodies(Traffic(population)), bodies(Traffic(population, hot=True))
    _make_limit_table()
    with house.limit(place, PORT) as web:
        for name in ("parse", "insert"):
            for row in _closed(web, f"/{name}", typical, {}, database, min(seconds, LIMIT_SECONDS)):
                limits[name, row["connections"]] = row["per_s"]
                yield {"what": f"limit: {name}", **row, "alerting": None}
    key = {"X-API-Key": engine.new_key()}
    with house.product(place, PORT) as web:
        for name, body in (("typical", typical), ("busy", busy)):
            for row in _closed(web, PATH, body, key, database, seconds):
                yield {"what": name, **row, **_shares(limits, row)}
        for name, body in (("typical", typical), ("busy", busy)):
            yield {"what": f"{name} at {PACED:.0f}/s", **_paced(web, body, key, seconds)}


def _closed(
    web: house.Web,
    path: str,
    body: Callable[[], bytes],
    headers: dict[str, str],
    database: Clock,
    seconds: float,
) -> Iterator[Row]:
    server = tree_clock(web.pid)

    def load(connections: int, span: float) -> load_generator.Load:
        return load_generator.run(
            web.url + path, body, headers=headers, connections=connections, seconds=span
        )

    load(8, WARM_SECONDS)
    for connections in CONNECTIONS:
        before = server(), database()
        found = load(connections, seconds)
        answers = max(1, len(found.seconds))
        yield {
            "connections": connections,
            **figures(found),
            "web_cpu_ms": 1000 * (server() - before[0]) / answers,
            "pg_cpu_ms": 1000 * (database() - before[1]) / answers,
        }


def _paced(web: house.Web, body: Callable[[], bytes], headers: dict[str, str], seconds: float) -> Row:
    found = load_generator.run(
        web.url + PATH, body, headers=headers, connections=16, seconds=seconds, per_second=PACED
    )
    return {"connections": 16, **figures(found)}


def _shares(limits: dict[tuple[str, int], float], row: Row) -> Row:
    return {f"of_{name}": row["per_s"] / limits[name, row["connections"]] for name in ("parse", "insert")}


def _make_limit_table() -> None:
    """A table like the events' with a primary key only, and one of their rows for the limit to insert."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_row")
        cursor.execute("drop sequence if exists bench_row_id")
        cursor.execute("create table bench_row (like transactions_transaction, primary key (id))")
        cursor.execute("create sequence bench_row_id")
        cursor.execute(
            "select to_jsonb(t) - 'id' - 'body_digest' from transactions_transaction t"
            " order by id desc limit 1"
        )
        columns = json.loads(cursor.fetchone()[0])
    columns["body_digest"] = "0123456789abcdef"
    os.environ["BENCH_ROW"] = json.dumps(columns)
