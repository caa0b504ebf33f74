"""CPU, memory and disk of the machine that the worker runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings

from alerts.services.watching.finding import Finding

GIB = 1024**3


def machine() -> Iterator[Finding]:
    """Each against its ALERT_*_THRESHOLD, in per cent."""
    cores = os.cpu_count() or 1
    load = 100 * os.getloadavg()[1] / cores  # of five minutes: a busy moment is no fault
    yield _against("machine.cpu", "CPU load over 5 minutes", load, settings.ALERT_CPU_THRESHOLD, "medium")
    memory = psutil.virtual_memory()
    yield _against("machine.memory", "Memory", memory.percent, settings.ALERT_MEMORY_THRESHOLD, "high")
    used = psutil.disk_usage(str(fullest_disk()))
    left = f", {used.free / GIB:,.1f} GiB left"
    yield _against("machine.disk", "Disk", used.percent, settings.ALERT_DISK_THRESHOLD, "high", left)


def fullest_disk() -> Path:
    """Of the places where FraudGuard writes, the one whose disk is nearest to full."""
    places = (Path(place) for place in (settings.VAR_DIR, settings.MODEL_DIR, settings.HISTORY_DIR))
    there = [place for place in places if place.exists()] or [Path.cwd()]
    return max(there, key=lambda place: psutil.disk_usage(str(place)).percent)


def _against(kind: str, what: str, used: float, limit: int, severity: str, more: str = "") -> Finding:
    figures = f"{what}: {used:.0f}% in use{more}; threshold {limit}%"
    return Finding(kind, figures if used >= limit else "", figures, severity)
