"""/score/ of 1,000 events: over HTTP by one and two clients, and decide_payments in process."""

import json
import time
from collections.abc import Iterator

from benchmarks import engine, house, load_generator, store
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.single import PORT
from benchmarks.traffic import Traffic
from benchmarks.usage import Clock, postmaster, tree_clock
from fraud_detection.services.decisions import decide_payments
from users.services import client_system

SIZE = 1_000
CLIENTS = (1, 2)
MOST_CALLS = 200  # of one load, in process


def rows(place, *, events: int, seconds: float) -> Iterator[Row]:
    population = Population()
    engine.prepare(house.progress)
    store.fill(population, events, house.progress)
    database = tree_clock(postmaster(place.postgres))
    traffic = Traffic(population)
    key = engine.new_key()
    with house.product(place, PORT) as web:
        yield from _over_http(web, traffic, key, database, seconds)
    yield _in_process(traffic, database, seconds)


def _over_http(web: house.Web, traffic: Traffic, key: str, database: Clock, seconds: float) -> Iterator[Row]:
    server = tree_clock(web.pid)

    def load(clients: int, span: float) -> load_generator.Load:
        return load_generator.run(
            f"{web.url}/api/v1/score/",
            lambda: json.dumps({"transactions": [traffic.record() for _ in range(SIZE)]}).encode(),
            headers={"X-API-Key": key},
            connections=clients,
            seconds=span,
        )

    load(2, 2.0)
    for clients in CLIENTS:
        before, began = (server(), database()), time.perf_counter()
        found = load(clients, seconds)
        decided = SIZE * sum(count for status, count in found.statuses.items() if status == 200)
        yield {
            "what": "/score/ of 1,000",
            "clients": clients,
            "per_s": decided / (time.perf_counter() - began),
            "p50_ms": found.quantile_ms(0.5),
            "p95_ms": found.quantile_ms(0.95),
            "p99_ms": found.quantile_ms(0.99),
            "failed": sum(count for status, count in found.statuses.items() if status != 200),
            "web_cpu_ms": 1000 * (server() - before[0]) / max(1, decided),
            "pg_cpu_ms": 1000 * (database() - before[1]) / max(1, decided),
        }


def _in_process(traffic: Traffic, database: Clock, seconds: float) -> Row:
    client = client_system(engine.CLIENT)
    decide_payments([traffic.record() for _ in range(SIZE)], client=client)
    spent = cpu = decided = 0.0
    before = database()
    for _ in range(MOST_CALLS):
        if spent > seconds:
            break
        records = [traffic.record() for _ in range(SIZE)]
        began, used = time.perf_counter(), time.process_time()
        decide_payments(records, client=client)
        spent, cpu = spent + time.perf_counter() - began, cpu + time.process_time() - used
        decided += SIZE
    return {
        "what": "decide_payments of 1,000",
        "clients": 1,
        "per_s": decided / spent,
        "web_cpu_ms": 1000 * cpu / decided,
        "pg_cpu_ms": 1000 * (database() - before) / decided,
    }
