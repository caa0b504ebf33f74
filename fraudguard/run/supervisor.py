"""Starts everything in order, watches it, stops it in order."""

import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from fraudguard import embedded
from fraudguard.problem import StartProblem
from fraudguard.run import banner, preflight, record
from fraudguard.run.children import COUNTERS, LOGS, Child, children, environment, last_lines, spawn
from fraudguard.run.services import Service, services

READY_WITHIN = 90.0


class StopRequested(Exception):
    """Ctrl-C or SIGTERM while something was being started."""


class Supervisor:
    """One per directory. `run()` returns the exit code after everything has stopped."""

    def __init__(self) -> None:
        preflight.writable(record.VAR)
        preflight.libgomp()
        from fraudguard import settings  # checks every setting, with a line for each wrong one
        from fraudguard.environment import text

        self.production = settings.PRODUCTION
        self.host = text("HOST", "127.0.0.1")
        self.port, self.live_port = settings.PORT, settings.LIVE_PORT
        self.stream_source = settings.STREAM_SOURCE
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # compared only  # nosec B104
        self.url = f"http://{shown}:{self.port}"
        self.children: list[Child] = []
        self.stopping = threading.Event()

    def run(self) -> int:
        lock = record.claim()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        session = None
        try:
            self._clear_the_way()
            record.write("starting", self.url, [])
            say("Starting PostgreSQL and Valkey ...")
            session = embedded.ensure()
            self._start()
            return self._watch(services(session))
        except StopRequested:
            return 130
        finally:
            self._stop(session)
            lock.close()

    def _clear_the_way(self) -> None:
        for directory in (LOGS, COUNTERS, record.VAR / "static"):
            directory.mkdir(parents=True, exist_ok=True)
        for counter in COUNTERS.glob("*.db"):
            counter.unlink()  # counters start with the processes that count
        left = record.stop_left_behind(record.read().get("children", []))
        if left:
            say(f"Stopped what a killed run left behind: {', '.join(left)}.")
        preflight.port(self.host, self.port)
        preflight.port(self.host, self.live_port, "LIVE_PORT")

    def _start(self) -> None:
        self.environment = environment(self.port, self.live_port)
        self._step("Migrating the database", "migrate", "--no-input")
        if self.production:
            self._step("Collecting static files", "collectstatic", "--no-input")
        facts = banner.parse(self._step("Preparing users, demo data and the model", "bootstrap"))
        say("Starting web, live, worker and beat ...")
        for child in children(self.host, self.port, self.live_port, self.stream_source):
            child.start(self.environment)
            self.children.append(child)
            self._record("starting")
        self._wait_until_healthy()
        exposed = "" if self.production or preflight.loopback(self.host) else self.host
        say(banner.text(self.url, facts, exposed))
        self._record("up")

    def _step(self, title: str, *command: str) -> str:
        """One management command to its end; its standard output."""
        self._check()
        say(f"{title} ...")
        log = LOGS / f"{command[0]}.log"
        log.unlink(missing_ok=True)
        running = spawn([sys.executable, "manage.py", *command], self.environment, log)
        record.write("starting", self.url, [(command[0], running.pid)])
        while running.poll() is None:
            if self.stopping.wait(0.05):
                record.end(record.session_members(running.pid), seconds=5)
                running.wait()
        self._check()
        if running.returncode:
            raise StartProblem(f"{title} failed:\n{last_lines(log)}\nThe whole output: {shown(log)}")
        said = log.read_text(errors="replace")
        log.unlink()  # kept only where it explains a failure: it may hold the demo key
        return said

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + READY_WITHIN
        while not self._healthy():
            for child in self.children:
                if child.died():
                    raise StartProblem(
                        f"{child.name} did not start:\n{last_lines(child.log)}\nLog: {shown(child.log)}"
                    )
            if time.monotonic() > end:
                raise StartProblem(f"{self.url}/health does not answer. Log: {shown(self.children[0].log)}")
            if self.stopping.wait(0.1):
                raise StopRequested

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:  # ours  # nosec B310
                return answer.status == 200
        except urllib.error.HTTPError as error:
            raise StartProblem(
                f"{self.url}/health answers {error.code}. Log: {shown(LOGS / 'web.log')}"
            ) from None
        except OSError:
            return False

    def _watch(self, embedded_services: list[Service]) -> int:
        while not self.stopping.wait(0.5):
            for part in (*embedded_services, *self.children):
                if part.died():
                    self._revive(part)
        return 0

    def _revive(self, part: Service | Child) -> None:
        if not part.may_restart(time.monotonic()):
            raise StartProblem(
                f"{part.name} keeps ending (last: {part.ending()}), so everything stops:\n"
                f"{last_lines(part.log)}\nLog: {shown(part.log)}"
            )
        say(f"{part.name} {part.ending()}; starting it again (log: {shown(part.log)}).")
        part.restart(self.environment)
        self._record("up")

    def _stop(self, session: embedded.Session | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if session or self.children:
            say("Stopping ...")
        for child in self.children:
            child.stop()
        if session:
            session.close()
        record.erase()

    def _record(self, phase: str) -> None:
        record.write(
            phase, self.url, [(each.name, each.running.pid) for each in self.children if each.running]
        )

    def _check(self) -> None:
        if self.stopping.is_set():
            raise StopRequested


def say(line: str) -> None:
    print(line, flush=True)


def shown(path: Path) -> str:
    """Relative to the project; the services' logs can lie outside of it."""
    base = record.VAR.parent
    return str(path.relative_to(base) if path.is_relative_to(base) else path)
