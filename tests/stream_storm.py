"""A shop that sends payments by a stream, and consumers as processes, for tests that take things away."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import redis

from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.producing import ValkeyProducer
from tests.real_server import ROOT

SHOP, SHARDS, KEYS = Stream("shop"), 4, 40
ORDER = "select transaction_id, sender_id from transactions_transaction order by id"


def payments(count: int, prefix: str = "S") -> list[dict[str, Any]]:
    """Payments of forty senders, numbered in the order in which they are sent."""
    return [
        {
            "transaction_id": f"{prefix}-{number:06d}",
            "amount": f"{10 + number % 90}.00",
            "sender_id": f"acc-{number % KEYS}",
            "receiver_id": f"shop-{number % 7}",
            "country": "US",
        }
        for number in range(count)
    ]


def command(*arguments: str) -> list[str]:
    shop = ["--client", "shop", "--shards", str(SHARDS)]
    return [sys.executable, "manage.py", "consume_transactions", "--source", "valkey", *shop, *arguments]


class Shop:
    """Sends in order, some of it twice, and again when the store did not answer."""

    def __init__(self, url: str, seed: int = 1):
        self.producer = ValkeyProducer(url, SHARDS)
        self.random = random.Random(seed)
        self.errors = 0

    def send(self, events: list[dict[str, Any]], chunk: int = 50, pause: float = 0.0) -> None:
        for start in range(0, len(events), chunk):
            part = events[start : start + chunk]
            self._until_taken(part)
            if start and self.random.random() < 0.2:
                self._until_taken(events[start - chunk : start])  # late, twice, and after newer ones
            time.sleep(pause)

    def _until_taken(self, part: list[dict[str, Any]]) -> None:
        for event in part:
            while True:
                try:
                    self.producer.send(SHOP, [("payments", event)])
                    break
                except redis.RedisError:
                    self.errors += 1
                    time.sleep(0.05)

    def in_background(self, events: list[dict[str, Any]], pause: float) -> threading.Thread:
        thread = threading.Thread(target=self.send, args=(events,), kwargs={"pause": pause}, daemon=True)
        thread.start()
        return thread


class Consumers:
    """Processes of the project that consume; `log` holds what they said."""

    def __init__(self, environment: dict[str, str], log: Path):
        self.environment, self.log = os.environ | environment, log
        self.processes: list[subprocess.Popen] = []

    def start(self, *arguments: str) -> subprocess.Popen:
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                command(*arguments),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen) -> None:
        """kill -9: it finishes nothing."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, process: subprocess.Popen) -> int:
        """SIGTERM: it finishes its batch and leaves; its exit code."""
        process.terminate()
        return process.wait(30)

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def until(condition, seconds: float, log: Path) -> None:
    """Asks again until it holds; the processes' words when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text(errors="replace")[-4_000:]
        time.sleep(0.1)


def stored(database: str) -> list[tuple[str, str]]:
    """(id, sender) of every payment in the order of decision; empty while the database is away."""
    try:
        with _connected(database) as connection, connection.cursor() as cursor:
            cursor.execute(ORDER)
            return cursor.fetchall()
    except psycopg2.OperationalError:
        return []


def count(database: str, table: str) -> int:
    with _connected(database) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


def _connected(database: str) -> contextlib.closing:
    return contextlib.closing(psycopg2.connect(database, connect_timeout=2))


def out_of_order(rows: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(sender, id, id before it) where a sender's payments were decided in another order than sent."""
    newest: dict[str, str] = {}
    for name, sender in rows:
        if name < newest.get(sender, ""):
            yield sender, name, newest[sender]
        newest[sender] = max(name, newest.get(sender, ""))
