"""Runs a server so that readiness goes first when it is to stop.

`python -m fraudguard.run.draining granian ...`: on SIGTERM or SIGINT /ready answers 503 at once, so that
whatever shares out requests looks elsewhere; DRAIN_SECONDS later the server is told to stop, and finishes
what it has in work. SIGHUP is passed on: granian then replaces its workers one after the other, in the code
that lies there by then.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from fraudguard.environment import PRODUCTION, finish, number

MARKER = "DRAIN_MARKER"  # names the file whose presence says that this server is about to stop


def run(command: list[str], seconds: float) -> int:
    """The exit code of the command, which ends `seconds` after a signal asked for that."""
    with tempfile.TemporaryDirectory(prefix="fraudguard-") as directory:
        marker, asked = Path(directory) / "draining", threading.Event()
        child = subprocess.Popen(command, env=os.environ | {MARKER: str(marker)})

        def drain(number: int, frame: object) -> None:
            marker.touch()
            asked.set()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, drain)
        signal.signal(signal.SIGHUP, lambda number, frame: child.send_signal(signal.SIGHUP))
        threading.Thread(target=_stop_after, args=(asked, seconds, child), daemon=True).start()
        return child.wait()


def _stop_after(asked: threading.Event, seconds: float, child: subprocess.Popen) -> None:
    asked.wait()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    drain_seconds = number("DRAIN_SECONDS", 5 if PRODUCTION else 0, 0, 600)
    finish()
    sys.exit(run(sys.argv[1:], drain_seconds))
