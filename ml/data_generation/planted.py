"""Generated events with schemes planted among them, for measuring what an engine finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlantedEvent:
    """One record as the API takes it, in order of time.

    scheme    what it belongs to, "" for ordinary activity
    instance  which occurrence of the scheme: one is found when any of its events is
    warmup    history that the baselines need; decided, but not counted
    """

    record: Mapping[str, Any]
    scheme: str = ""
    instance: str = ""
    warmup: bool = False
