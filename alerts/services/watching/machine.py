"""CPU, memory and disk of the machine that the worker runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings

from alerts.services.watching.finding import Finding

GIB = 1024**3
TOLD = {
    "cpu": ("CPU load over 5 minutes", "medium"),
    "memory": ("Memory", "high"),
    "disk": ("Disk", "high"),
}


def machine() -> Iterator[Finding]:
    """Each against its ALERT_*_THRESHOLD, in per cent."""
    for name, used, limit in shares():
        free = psutil.disk_usage(str(fullest_disk())).free if name == "disk" else 0
        left = f", {free / GIB:,.1f} GiB left" if free else ""
        what, severity = TOLD[name]
        yield _against(f"machine.{name}", what, used, limit, severity, left)


def shares() -> Iterator[tuple[str, float, int]]:
    """(cpu | memory | disk, per cent in use, its threshold)."""
    cores = os.cpu_count() or 1
    load = 100 * os.getloadavg()[1] / cores  # of five minutes: a busy moment is no fault
    yield "cpu", load, settings.ALERT_CPU_THRESHOLD
    yield "memory", psutil.virtual_memory().percent, settings.ALERT_MEMORY_THRESHOLD
    yield "disk", psutil.disk_usage(str(fullest_disk())).percent, settings.ALERT_DISK_THRESHOLD


def fullest_disk() -> Path:
    """Of the places where FraudGuard writes, the one whose disk is nearest to full."""
    places = (Path(place) for place in (settings.VAR_DIR, settings.MODEL_DIR, settings.HISTORY_DIR))
    there = [place for place in places if place.exists()] or [Path.cwd()]
    return max(there, key=lambda place: psutil.disk_usage(str(place)).percent)


def _against(kind: str, what: str, used: float, limit: int, severity: str, more: str = "") -> Finding:
    figures = f"{what}: {used:.0f}% in use{more}; threshold {limit}%"
    return Finding(kind, figures if used >= limit else "", figures, severity)
