"""The four processes beside the embedded services, and how one of them is started and stopped."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fraudguard.run import record
from fraudguard.run.restarts import Restartable

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOGS = record.VAR / "log"
COUNTERS = record.VAR / "counters"
LARGEST_LOG = 20 * 1024**2
QUIET = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]


@dataclass
class Child(Restartable):
    name: str
    command: list[str]
    patience: float  # seconds it gets to finish what it has begun
    running: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def start(self, environment: dict[str, str]) -> None:
        self.running = spawn(self.command, environment, self.log)

    def died(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    def ending(self) -> str:
        return f"ended with exit code {self.running.returncode}"

    def restart(self, environment: dict[str, str]) -> None:
        self.stop()  # its own children may still hold the port
        self.start(environment)

    def stop(self) -> None:
        if self.running is None:
            return
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
        try:
            self.running.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        record.end(record.session_members(self.running.pid), seconds=2)


def spawn(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen:
    """In a session of its own: Ctrl-C reaches only the supervisor, which stops the others in order."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with private(log) as output:
        return subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def private(log: Path) -> IO[bytes]:
    """Opened to append; only we may read it: logs can name people and keys."""
    return open(log, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))


def environment(port: int, live_port: int) -> dict[str, str]:
    fixed = {
        "DJANGO_SETTINGS_MODULE": "fraudguard.settings",
        "MALLOC_ARENA_MAX": "2",  # or each of many threads keeps what its largest request took
        "OMP_NUM_THREADS": "1",  # before numpy loads: predicting after a fork hangs otherwise
        "PYTHONUNBUFFERED": "1",
        "PORT": str(port),
        "LIVE_PORT": str(live_port),
        "PROMETHEUS_MULTIPROC_DIR": str(COUNTERS),  # or each web process would tell its own figures only
    }
    return os.environ | fixed


def children(host: str, port: int, live_port: int, stream_source: str = "") -> list[Child]:
    """In starting order; they stop in this order too, so that nothing new comes in while work is finished."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "fraudguard"]
    web = [*python, "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
    web += ["--workers", "2", "--respawn-failed-workers", "--workers-kill-timeout", "10s"]
    # A thread holds a database connection: 2 x 16 with those of live and workers stay below max_connections.
    # An idle thread would take its connection, with the prepared statements, to the grave.
    web += ["--blocking-threads", "16", "--blocking-threads-idle-timeout", "600", "--http", "1"]
    live = [*python, "uvicorn", "--host", host, "--port", str(live_port), "--lifespan", "on"]
    live += ["--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    schedule = ["--schedule", str(record.VAR / "celerybeat-schedule"), "--pidfile="]
    stream = [sys.executable, "manage.py", "consume_transactions", "--source", stream_source]
    return [
        Child("web", [*web, "--log-level", "warning", "fraudguard.wsgi:application"], patience=15),
        Child("live", [*live, "fraudguard.asgi:application"], patience=5),
        *([Child("stream", stream, patience=30)] if stream_source else []),
        Child("beat", [*celery, "beat", *schedule], patience=5),
        Child("worker", [*celery, "worker", "-Q", "scoring,notifications,maintenance", *QUIET], patience=20),
    ]


def last_lines(log: Path, count: int = 5) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-count:])
