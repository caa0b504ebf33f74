"""How many threads a training takes: threads that wait for each other on a busy machine lose to one."""

from __future__ import annotations

import os


def free_threads(most: int = 4) -> int:
    """Processors that nobody uses at the moment, at least 1."""
    processors = os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, min(most, round(processors - busy)))
