"""Which decisions a backtest shows as examples, and why the rule fired on them or not."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from fraud_detection.services.backtesting.counting import FRAUD, GOOD, UNKNOWN, Slice

SHOWN = 5  # of each kind, those of the largest amounts
KINDS = ("fraud_hit", "good_hit", "unlabelled_hit", "fraud_missed", "dropped", "added")


class Example(NamedTuple):
    """Sorted by amount, then by the newest."""

    amount: int
    id: int
    verdict: int
    draft: bool
    active: bool


@dataclass
class Examples:
    """The largest of each kind among the slices seen so far."""

    found: dict[str, list[Example]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def add(self, part: Slice, draft: np.ndarray, active: np.ndarray | None) -> None:
        """`active` is None when there is no active version to compare with."""
        before = np.zeros(len(draft), bool) if active is None else active
        fraud = part.verdict == FRAUD
        masks = {
            "fraud_hit": draft & fraud,
            "good_hit": draft & (part.verdict == GOOD),
            "unlabelled_hit": draft & (part.verdict == UNKNOWN),
            "fraud_missed": fraud & ~draft,
            "dropped": before & ~draft,
            "added": draft & ~before & (active is not None),
        }
        for kind, mask in masks.items():
            self.found[kind] = self._largest(part, mask, draft, before, self.found[kind])

    def _largest(
        self, part: Slice, mask: np.ndarray, draft: np.ndarray, active: np.ndarray, before: list[Example]
    ) -> list[Example]:
        at = np.flatnonzero(mask)
        if len(at) > SHOWN:
            order = np.lexsort((part.ids[at], part.amount[at]))
            at = at[order[-SHOWN:]]
        new = [
            Example(
                int(part.amount[i]), int(part.ids[i]), int(part.verdict[i]), bool(draft[i]), bool(active[i])
            )
            for i in at
        ]
        return sorted([*before, *new], reverse=True)[:SHOWN]
