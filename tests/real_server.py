"""A web server of several processes on a database of its own, for tests that need the real thing."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class RealServer:
    """granian with two workers; `call` speaks HTTP to it, `restart` replaces it after a kill."""

    def __init__(self, environment: dict[str, str], log: Path):
        self.environment = os.environ | environment
        self.log = log
        self.port = _free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "2", "--blocking-threads", "16", "--no-ws"]
        command += ["--workers-kill-timeout", "10"]  # one told to stop while it still loads misses that
        return [*command, "fraudguard.wsgi:application"]

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait()

    def kill(self) -> None:
        """kill -9, the workers too: nothing gets the chance to finish."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            text = json.dumps(body) if body is not None else None
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, text, {"Content-Type": "application/json", **named})
            response = connection.getresponse()
            content = response.read()
        return Answer(response.status, json.loads(content) if content else None, headers_of(response))

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.call("GET", "/health").status == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)  # asking again, not waiting for a result
        raise AssertionError(f"not up after {START_SECONDS} s: {self.log.read_text()}")


@contextmanager
def started(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """A process of the project in a session of its own; killed at the end unless it has ended."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def database_copy() -> Iterator[str]:
    """The address of a copy of the migrated test database, which no test transaction hides from others.

    The caller has unblocked the database.
    """
    from django.conf import settings
    from django.db import connection

    name, template = f"real_{uuid.uuid4().hex[:8]}", connection.settings_dict["NAME"]
    connection.close()
    with _maintenance(settings.DATABASE_URL) as cursor:
        cursor.execute(f'create database "{name}" template "{template}"')
    yield urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))
    with _maintenance(settings.DATABASE_URL) as cursor:
        cursor.execute(f'drop database "{name}" with (force)')


def _maintenance(url: str) -> psycopg2.extensions.cursor:
    connection = psycopg2.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")))
    connection.autocommit = True
    return connection.cursor()


def headers_of(response: http.client.HTTPResponse) -> dict[str, str]:
    """Names in lower case: HTTP does not tell them apart."""
    return {name.lower(): value for name, value in response.getheaders()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
