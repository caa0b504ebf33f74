"""What driving both services has in common: finding our own process again and running their programs."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from fraudguard.embedded.account import Account
from fraudguard.problem import StartProblem

# Nothing of the caller's locale or PG* variables reaches the services.
CLEAN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def own_process(pid_file: Path, directory: Path) -> psutil.Process | None:
    """The process of a pid file, provided it works in `directory`.

    After a crash or a copied tree the number may belong to a stranger; both servers change into their data.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        works_here = Path(process.cwd()) == directory.resolve()
        return process if works_here and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def works_in(directory: Path) -> bool:
    """Whether any living process has `directory` as its working directory."""
    target = str(directory.resolve())
    for process in psutil.process_iter():
        try:
            if process.cwd() == target:
                return True
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # ended, or another user's and so not ours
            continue
    return False


def call(account: Account, *command: str | Path, timeout: float = 600) -> subprocess.CompletedProcess:
    """Runs a service's program to its end, out of reach of the terminal's Ctrl-C."""
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=CLEAN,
        start_new_session=True,
        timeout=timeout,
        **account.popen(),
    )


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def failed(what: str, log: Path, said: str = "") -> StartProblem:
    """The problem to raise: the last complaint the service wrote, and where the rest stands."""
    lines = said.strip().splitlines() or (
        log.read_text(errors="replace").splitlines() if log.exists() else []
    )
    complaints = (
        [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines or ["it said nothing"]
    )
    return StartProblem(f"{what} did not start: {complaints[-1].strip()} (log: {log})")
