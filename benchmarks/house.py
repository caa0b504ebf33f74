"""A private FraudGuard of its own below var/bench: services, database, engine, history, web processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hosts import Host, Network, possible, shared_services
from fraudguard.embedded import addresses
from fraudguard.embedded.place import BASE_DIR, Place, locate
from fraudguard.embedded.session import Session
from fraudguard.run.children import children

AREA = "bench"
START_SECONDS = 60


def progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


@contextmanager
def private(name: str) -> Iterator[Place]:
    """PostgreSQL and Valkey in var/bench/<name>, migrated; Django is set up on them in this process."""
    place = locate(f"{AREA}/{name}")
    session = Session(place)
    session.open()
    try:
        counters = place.home / "counters"
        counters.mkdir(exist_ok=True)
        _set_up({"DATABASE_URL": addresses.database_url(place), "REDIS_URL": addresses.redis_url(place)})
        yield place
    finally:
        session.close()


@contextmanager
def several_hosts(name: str, *hosts: str) -> Iterator[tuple[Place, list[Host]]]:
    """The same for network namespaces of this machine, which reach both services over TCP."""
    if not possible():
        raise SystemExit("hosts: needs root and the program ip, to make network namespaces")
    place = locate(f"{AREA}/{name}")
    with Network(*hosts) as network, shared_services(place) as shared:
        files = place.home / "files"
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir()
        _set_up(
            shared
            | {
                "BATCH_DIR": str(files / "batches"),
                "BATCH_DATASETS_DIR": str(files),
                "BATCH_CHUNK_ROWS": "2500",
            }
        )
        yield place, network


def _set_up(services: dict[str, str]) -> None:
    import django
    from django.core.management import call_command

    os.environ |= services | {
        "MODEL_DIR": str(locate(AREA).home / "models"),
        "DJANGO_SETTINGS_MODULE": "fraudguard.settings",
        "LOG_LEVEL": "WARNING",
    }
    django.setup()
    call_command("migrate", verbosity=0)


class Web:
    """A running granian; `pid` is its parent process."""

    def __init__(self, command: list[str], log: Path, port: int):
        self.url = f"http://127.0.0.1:{port}"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, stdout=output, stderr=output, start_new_session=True
            )
        self.pid, self.log = self.process.pid, log

    def wait(self, path: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + path, timeout=5):
                    return
            except urllib.error.HTTPError as error:
                raise RuntimeError(f"{self.url}{path} answers {error.code}; log: {self.log}") from None
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.url} does not answer; log: {self.log}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def product(place: Place, port: int) -> Iterator[Web]:
    """The product's own web processes, by the command that `make run` uses."""
    command = next(child.command for child in children("127.0.0.1", port, port + 1) if child.name == "web")
    with _running(Web(command, place.log / "web.log", port), "/health") as web:
        yield web


@contextmanager
def limit(place: Place, port: int) -> Iterator[Web]:
    """The same server with nothing in it but the two limits of benchmarks.limits."""
    command = next(child.command for child in children("127.0.0.1", port, port + 1) if child.name == "web")
    command = [*command[:-1], "benchmarks.limits.wsgi:application"]
    with _running(Web(command, place.log / "limits.log", port), "/up") as web:
        yield web


@contextmanager
def _running(web: Web, path: str) -> Iterator[Web]:
    try:
        web.wait(path)
        yield web
    finally:
        web.stop()
