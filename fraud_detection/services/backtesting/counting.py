"""Sums over slices of decisions, of which the figures of a backtest are made. Whole numbers only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fraud_detection.rules.backtest import RuleMasks

FRAUD, GOOD, UNKNOWN = 1, 0, -1


@dataclass(frozen=True)
class Slice:
    """Decisions side by side, [n] each.

    verdict  FRAUD, GOOD or UNKNOWN      amount  minor units      stopped  was not approved
    day      number of the day in the period      subjects  key by kind of subject
    """

    ids: np.ndarray
    at: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    verdict: np.ndarray
    stopped: np.ndarray
    subjects: Mapping[str, np.ndarray]


@dataclass
class Total:
    """Events, and what they are worth in minor units."""

    events: int = 0
    amount: int = 0

    def add(self, mask: np.ndarray, amount: np.ndarray) -> None:
        self.events += int(np.count_nonzero(mask))
        self.amount += int(amount[mask].sum())


@dataclass
class Tally:
    """What one rule did, in events and amounts."""

    days: int
    hits: Total = field(default_factory=Total)
    frauds: Total = field(default_factory=Total)
    good: Total = field(default_factory=Total)
    alone: Total = field(default_factory=Total)  # frauds that no other active rule hits
    new: Total = field(default_factory=Total)  # frauds that were approved when they were decided
    insufficient: int = 0
    not_evaluable: int = 0
    hits_by_day: np.ndarray = field(init=False)
    _pairs: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hits_by_day = np.zeros(self.days, np.int64)

    def add(self, part: Slice, masks: RuleMasks, others: np.ndarray, subject: str) -> None:
        """`others`: which decisions another active rule hits."""
        hit = masks.hit
        fraud = hit & (part.verdict == FRAUD)
        self.hits.add(hit, part.amount)
        self.frauds.add(fraud, part.amount)
        self.good.add(hit & (part.verdict == GOOD), part.amount)
        self.alone.add(fraud & ~others, part.amount)
        self.new.add(fraud & ~part.stopped, part.amount)
        self.insufficient += int(np.count_nonzero(masks.insufficient))
        self.not_evaluable += int(np.count_nonzero(masks.not_evaluable))
        self.hits_by_day += np.bincount(part.day[hit], minlength=self.days)
        pairs = np.stack([part.day[hit], part.subjects[subject][hit]])
        self._pairs.append(distinct(pairs))

    def alerts_by_day(self) -> np.ndarray:
        """Distinct subjects hit on each day: what would have opened, if every alert is closed by midnight."""
        if not self._pairs:
            return np.zeros(self.days, np.int64)
        self._pairs = [distinct(np.concatenate(self._pairs, axis=1))]
        return np.bincount(self._pairs[0][0], minlength=self.days)


def distinct(pairs: np.ndarray) -> np.ndarray:
    """The distinct columns of an int64 [2, n] array."""
    order = np.lexsort(pairs)
    pairs = pairs[:, order]
    new = np.ones(pairs.shape[1], bool)
    new[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
    return pairs[:, new]


@dataclass
class Change:
    """Hits that one wording has and the other has not."""

    hits: Total = field(default_factory=Total)
    frauds: Total = field(default_factory=Total)
    good: Total = field(default_factory=Total)
    alone: Total = field(default_factory=Total)  # frauds that no other active rule hits

    def add(self, part: Slice, mask: np.ndarray, others: np.ndarray) -> None:
        fraud = mask & (part.verdict == FRAUD)
        self.hits.add(mask, part.amount)
        self.frauds.add(fraud, part.amount)
        self.good.add(mask & (part.verdict == GOOD), part.amount)
        self.alone.add(fraud & ~others, part.amount)


@dataclass
class Overall:
    """All decisions of the period, whatever a rule says of them."""

    days: int
    events: Total = field(default_factory=Total)
    frauds: Total = field(default_factory=Total)
    good: Total = field(default_factory=Total)
    events_by_day: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.events_by_day = np.zeros(self.days, np.int64)

    def add(self, part: Slice) -> None:
        self.events.add(np.ones(len(part.ids), bool), part.amount)
        self.frauds.add(part.verdict == FRAUD, part.amount)
        self.good.add(part.verdict == GOOD, part.amount)
        self.events_by_day += np.bincount(part.day, minlength=self.days)


def together(masks: Sequence[np.ndarray]) -> np.ndarray:
    """How many decisions each pair of rules hits both: int64 [rules, rules], the diagonal is the hits."""
    stacked = np.stack(masks).astype(np.float32)  # exact: a slice holds fewer than 2^24 decisions
    return (stacked @ stacked.T).astype(np.int64)
