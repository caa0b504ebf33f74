"""`make run DETACH=1` and `make stop`."""

import os
import subprocess
import sys
import time

import psutil

from fraudguard.run import preflight, record
from fraudguard.run.children import private

STOP_WITHIN = 90.0


def start() -> int:
    """Starts a supervisor in a session of its own and shows what it says until it is up or has ended."""
    preflight.writable(record.VAR)
    log = record.VAR / "log" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with private(log) as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "fraudguard.run"],
            cwd=record.VAR.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    with log.open() as spoken:
        return _follow(running, spoken)


def _follow(running: subprocess.Popen, spoken) -> int:
    try:
        while True:
            code, up = running.poll(), _is_up(running.pid)
            print(spoken.read(), end="", flush=True)
            if code is not None or up:
                return code or 0
            time.sleep(0.1)
    except KeyboardInterrupt:
        running.terminate()
        running.wait(STOP_WITHIN)
        print(spoken.read(), end="", flush=True)
        return 130


def _is_up(pid: int) -> bool:
    known = record.read()
    return known.get("pid") == pid and known.get("phase") == "up"


def stop() -> int:
    known = record.read()
    supervisor = record.process(known)
    if supervisor is not None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_WITHIN)
        except psutil.TimeoutExpired:
            supervisor.kill()
    left = record.stop_left_behind(known.get("children", []))
    _release_services()
    record.erase()
    print("FraudGuard is stopped." if supervisor or left else "FraudGuard was not running here.")
    return 0


def _release_services() -> None:
    """A killed supervisor leaves them running: whoever leaves last stops them, so come and go."""
    from fraudguard.embedded import locate
    from fraudguard.embedded.session import Session

    place = locate()
    if place.run.exists():
        session = Session(place, services=())
        session.open()
        session.close()
