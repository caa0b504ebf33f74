"""CPU seconds of groups of processes, and what else this machine is doing."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import psutil

Clock = Callable[[], float]


def tree_clock(pid: int) -> Clock:
    """CPU seconds of a process and all its descendants so far, ended ones included."""
    root = psutil.Process(pid)

    def seconds() -> float:
        total = sum(root.cpu_times()[:4])  # own, and those of children that ended
        for child in root.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += sum(child.cpu_times()[:4])
        return total

    return seconds


def postmaster(data: Path) -> int:
    """The process number of the PostgreSQL server of a data directory."""
    return int((data / "postmaster.pid").read_text().split("\n", 1)[0])


def load_average() -> float:
    """Of the last minute."""
    return round(os.getloadavg()[0], 2)
