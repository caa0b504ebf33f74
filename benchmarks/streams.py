"""A consumer of Valkey streams beside decide_payments on the same events, in process, and several of them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import redis
from django.conf import settings

from benchmarks import engine, house, store
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from benchmarks.usage import postmaster, tree_clock
from fraud_detection.models import Assessment
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.streaming.consuming import Consumer
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.producing import ValkeyProducer
from fraud_detection.services.streaming.valkey import ValkeySource
from users.services import client_system

SHARDS, BATCH = 8, 500
IDLE = 2.0  # seconds without a message after which it ends; taken off again
STREAM = Stream(engine.CLIENT)


def rows(place, *, events: int, count: int, consumers: Sequence[int] = (1, 2)) -> Iterator[Row]:
    population = Population()
    engine.prepare(house.progress)
    store.fill(population, events, house.progress)
    traffic = Traffic(population)
    database = tree_clock(postmaster(place.postgres))
    yield _direct([traffic.record() for _ in range(count)], database)
    yield _consumed([traffic.record() for _ in range(count)], database)
    for number in consumers:
        yield _processes([traffic.record() for _ in range(count)], number)


def _direct(records: list[dict[str, Any]], database) -> Row:
    client = client_system(engine.CLIENT)
    decide_payments(records[:BATCH], client=client)
    before, began, used = database(), time.perf_counter(), time.process_time()
    for part in batched(records[BATCH:], BATCH):
        decide_payments(part, client=client)
    return _row("decide_payments", len(records) - BATCH, began, used, database() - before)


def _consumed(records: list[dict[str, Any]], database) -> Row:
    with redis.Redis.from_url(settings.STREAM_URL) as left_over:
        left_over.flushdb()
    _send(records)
    source = ValkeySource(
        settings.STREAM_URL, [STREAM], group="bench", name="one", shards=SHARDS, lease_seconds=10
    )
    consumer = Consumer(source, name="one", group="bench", batch=BATCH)
    before, began, used = database(), time.perf_counter(), time.process_time()
    tally = consumer.run(idle_seconds=IDLE)
    assert tally.events == len(records), tally
    return _row("consumer in process", tally.events, began + IDLE, used, database() - before)


def _processes(records: list[dict[str, Any]], number: int) -> Row:
    """From the first decision to the last, so that starting does not count."""
    begun = Assessment.objects.count()
    command = [sys.executable, "manage.py", "consume_transactions", "--source", "valkey", "--group", "bench"]
    command += ["--client", engine.CLIENT, "--shards", str(SHARDS)]
    own = os.environ | {"DATABASE_URL": settings.DATABASE_URL, "REDIS_URL": settings.REDIS_URL}
    own["MODEL_DIR"] = str(settings.MODEL_DIR)
    started = [
        subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(number)
    ]
    try:
        time.sleep(15)  # they start, and share the shards
        _send(records)
        while Assessment.objects.count() == begun:
            time.sleep(0.01)
        first, began = Assessment.objects.count(), time.perf_counter()
        while Assessment.objects.count() < begun + len(records):
            time.sleep(0.05)
        seconds = time.perf_counter() - began
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
    return {
        "what": f"{number} consumer process{'es' if number > 1 else ''}",
        "events": len(records),
        "per_s": (begun + len(records) - first) / seconds,
    }


def batched(records: Sequence[dict[str, Any]], size: int) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]


def _send(records: list[dict[str, Any]]) -> None:
    producer = ValkeyProducer(settings.STREAM_URL, SHARDS)
    for part in batched(records, 1_000):
        producer.send(STREAM, [("payments", record) for record in part])
    producer.close()


def _row(what: str, count: int, began: float, used: float, database: float) -> Row:
    seconds, own = time.perf_counter() - began, time.process_time() - used
    return {
        "what": what,
        "events": count,
        "per_s": count / seconds,
        "own_cpu_ms": 1000 * own / count,
        "pg_cpu_ms": 1000 * database / count,
    }
