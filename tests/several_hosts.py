"""An installation over several hosts: network namespaces that share one PostgreSQL and one Valkey."""

import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil
import psycopg2

from benchmarks.hosts import Host
from tests.real_server import ROOT, Answer, RealServer, headers_of

PORT = 8000
CELERY = [sys.executable, "-m", "celery", "-A", "fraudguard"]
QUEUES = ["-Q", "scoring,notifications,maintenance", "-c", "1", "-l", "info", "--without-gossip"]


class Installation:
    """Settings that every host shares; what runs on a host, runs by them. `database` is over TCP too."""

    def __init__(self, shared: dict[str, str], more: dict[str, str], directory: Path) -> None:
        self.directory, self.environment = directory, os.environ | shared | more
        self.database = psycopg2.connect(shared["DATABASE_URL"])
        self.database.autocommit = True

    def manage(self, *arguments: str) -> str:
        return RealServer(self.environment, self.directory / "manage.log").manage(*arguments)

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple]:
        with self.database.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def wait_for(
        self, sql: str, good: Callable[[tuple], bool], values: Sequence[Any] = (), seconds: int = 240
    ) -> tuple:
        """The first row once it is as wanted; asked again and again until `seconds` are over."""
        deadline = time.monotonic() + seconds
        while not good(row := self.query(sql, values)[0]):
            assert time.monotonic() < deadline, (row, self.logs())
            time.sleep(0.005)  # asking again, not waiting for a result
        return row

    def logs(self) -> str:
        return "\n".join(f"{log}:\n{log.read_text()[-3_000:]}" for log in self.directory.glob("*.log"))

    @contextmanager
    def on(self, host: Host, name: str, command: Sequence[str]) -> Any:
        """A process on a host; it and its children end with the block."""
        with (self.directory / f"{name}.log").open("ab") as output:
            process = host.start(command, environment=self.environment, cwd=ROOT, output=output)
        try:
            yield process
        finally:
            end(process)

    @contextmanager
    def web(self, host: Host) -> Any:
        """granian and beat; yields how to call it from outside."""
        served = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host.address]
        served += ["--port", str(PORT), "--workers", "1", "--blocking-threads", "8", "--no-ws"]
        clock = [*CELERY, "beat", "--pidfile=", "-l", "warning", "-s", str(self.directory / "beat")]
        with ExitStack() as running:
            running.enter_context(self.on(host, "web", [*served, "fraudguard.wsgi:application"]))
            running.enter_context(self.on(host, "beat", clock))
            site = Site(host.address)
            site.wait()
            yield site

    def wait_until_ready(self, *hosts: Host, seconds: int = 120) -> None:
        """Until the workers of these hosts take tasks."""
        deadline = time.monotonic() + seconds
        while not all(" ready." in (self.directory / f"{h.namespace}.log").read_text() for h in hosts):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.05)  # asking again

    @contextmanager
    def worker(self, host: Host) -> Any:
        command = [*CELERY, "worker", "-n", f"{host.namespace}@%h", *QUEUES, "--without-mingle"]
        with self.on(host, host.namespace, command) as process:
            yield process


class Site:
    """HTTP to the web host, from outside of every host."""

    def __init__(self, address: str) -> None:
        self.address, self.key = address, ""

    def call(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> Answer:
        with closing(http.client.HTTPConnection(self.address, PORT, timeout=60)) as connection:
            connection.request(method, path, body, {"Content-Type": kind, "X-API-Key": self.key})
            response = connection.getresponse()
            content = response.read()
        return Answer(response.status, json.loads(content) if content else None, headers_of(response))

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, json.dumps(body).encode())

    def upload(self, name: str, content: str) -> Answer:
        parts = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}'
        return self.call(
            "POST", "/api/v1/jobs/", f"{parts}\r\n--edge--\r\n".encode(), "multipart/form-data; boundary=edge"
        )

    def wait(self, seconds: int = 120) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.call("GET", "/health", None).status == 200:
                    return
            except OSError:
                assert time.monotonic() < deadline
            time.sleep(0.1)  # asking again


def processes(process: Popen) -> list[psutil.Process]:
    """A process and its descendants, as long as they live."""
    try:
        own = psutil.Process(process.pid)
        return [own, *own.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end(process: Popen) -> None:
    """Kill it and its descendants, by their numbers: a host that is cut off ends nothing in order."""
    for one in processes(process):
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
