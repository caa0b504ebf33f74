"""var/supervisor.json says what runs, so that the next start, `make stop` and `--detach` find it.

A process is its number and its start time: numbers are used again after a crash or a reboot.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import psutil

from fraudguard.problem import StartProblem

VAR = Path(__file__).resolve().parent.parent.parent / "var"
SAME_START = 2.0  # seconds; the kernel counts in ticks since boot, and the clock may have been set meanwhile


def path() -> Path:
    return VAR / "supervisor.json"


def read() -> dict:
    try:
        return json.loads(path().read_text())
    except (FileNotFoundError, ValueError):
        return {}


def write(phase: str, url: str, children: Iterable[tuple[str, int]]) -> None:
    """Replaced as a whole: a reader never sees half of it."""
    me = psutil.Process()
    content = {
        "pid": me.pid,
        "started": me.create_time(),
        "phase": phase,
        "url": url,
        "children": [{"name": name, "pid": pid, "started": _start_of(pid)} for name, pid in children],
    }
    fresh = path().with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(path())


def erase() -> None:
    path().unlink(missing_ok=True)


def claim() -> IO[str]:
    """The one supervisor of this directory; keep the returned file open for as long as you are it."""
    VAR.mkdir(exist_ok=True)
    handle = open(VAR / "supervisor.lock", "a+")  # noqa: SIM115  held until the process ends
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        known = read()
        raise StartProblem(
            f"FraudGuard is running already in this directory: {known.get('url', 'starting')}"
            f" (process {known.get('pid', 'unknown')}). Stop it with: make stop"
        ) from None
    return handle


def process(entry: dict) -> psutil.Process | None:
    """The recorded process, if it is still that one."""
    try:
        found = psutil.Process(entry["pid"])
        same = abs(found.create_time() - entry["started"]) < SAME_START
        return found if same and found.status() != psutil.STATUS_ZOMBIE else None
    except (KeyError, psutil.NoSuchProcess):
        return None


def stop_left_behind(children: list[dict]) -> list[str]:
    """Ends what a killed supervisor left; returns the names. Each child leads a session of its own."""
    stopped = []
    for entry in children:
        if psutil.pid_exists(entry["pid"]) and process(entry) is None:
            continue  # the number is somebody else's now
        members = session_members(entry["pid"])
        if members:
            end(members, seconds=10)
            stopped.append(entry["name"])
    return stopped


def session_members(leader: int) -> list[psutil.Process]:
    """A session's number is not given away while a member lives, even when its leader is gone."""
    found = []
    for candidate in psutil.process_iter():
        try:
            if os.getsid(candidate.pid) == leader and candidate.status() != psutil.STATUS_ZOMBIE:
                found.append(candidate)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def end(members: list[psutil.Process], seconds: float) -> None:
    """Asks, waits, then insists."""
    for each in members:
        if each.is_running():
            each.terminate()
    _, alive = psutil.wait_procs(members, timeout=seconds)
    for each in alive:
        each.kill()
    psutil.wait_procs(alive, timeout=5)


def _start_of(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0
