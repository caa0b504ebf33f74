"""A points scorecard: what each characteristic adds, what that says of default, and why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, float | None]
LARGE_SHARE = 10  # above it a share is worded as more than this


@dataclass(frozen=True)
class Characteristic:
    """One line of the scorecard.

    edges    lower bounds of the bins, ascending; the first bin takes everything below the second edge
    points   one a bin; `missing` where the value is not known
    reason   how a shortfall is worded; {value} is the value as people read it
    """

    name: str
    title: str
    group: str
    edges: tuple[float, ...]
    points: tuple[int, ...]
    missing: int
    reason: str
    unit: str = "count"
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.points) or not self.points:
            raise ValueError(f"{self.name}: needs one number of points for each lower bound")
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError(f"{self.name}: the lower bounds must ascend")

    @property
    def best(self) -> int:
        return max(*self.points, self.missing)

    @property
    def worst(self) -> int:
        return min(*self.points, self.missing)

    def bin_of(self, value: float) -> int:
        """Bins are [lower, upper)."""
        return max(sum(value >= edge for edge in self.edges) - 1, 0)

    def points_of(self, value: float | None) -> int:
        return self.missing if value is None else self.points[self.bin_of(value)]

    def worded(self, value: float | None) -> str:
        """The reason a shortfall is told by."""
        if value is None:
            return f"{self.title} not given"
        if self.words:
            return self.words[self.bin_of(value)]
        return self.reason.format(value=_readable(value, self.unit))


@dataclass(frozen=True)
class Shortfall:
    """A characteristic that cost points: best minus obtained."""

    characteristic: Characteristic
    points: int
    text: str


@dataclass(frozen=True)
class Scorecard:
    """base points at `odds` good to one bad; `double` points double the odds. Raises ValueError."""

    version: str
    base: int
    odds: float
    double: float
    lowest: int
    highest: int
    characteristics: tuple[Characteristic, ...]
    source: str = ""
    date: str = ""

    def points(self, values: Values) -> dict[str, int]:
        """What each characteristic adds, by its name."""
        return {c.name: c.points_of(values.get(c.name)) for c in self.characteristics}

    def score(self, values: Values) -> int:
        total = self.base + sum(self.points(values).values())
        return min(max(total, self.lowest), self.highest)

    def default_probability(self, score: float) -> float:
        """PD = 1 / (1 + exp((score - offset) / F)), F = double / ln 2, offset = base - F ln odds."""
        factor = self.double / math.log(2)
        offset = self.base - factor * math.log(self.odds)
        return 1 / (1 + math.exp((score - offset) / factor))

    def missing(self, values: Values) -> list[str]:
        """Names of the characteristics without a value."""
        return [c.name for c in self.characteristics if values.get(c.name) is None]

    def factors(self, values: Values) -> dict[str, float]:
        """(obtained - worst) / (best - worst) of each group, 0..1."""
        points = self.points(values)
        found = {}
        for group in dict.fromkeys(c.group for c in self.characteristics):
            members = [c for c in self.characteristics if c.group == group]
            worst, best = sum(c.worst for c in members), sum(c.best for c in members)
            found[group] = round((sum(points[c.name] for c in members) - worst) / (best - worst or 1), 4)
        return found

    def shortfalls(self, values: Values) -> list[Shortfall]:
        """Every characteristic below its best, the largest loss first, ties in the scorecard's order."""
        points = self.points(values)
        lost = [
            Shortfall(c, c.best - points[c.name], c.worded(values.get(c.name))) for c in self.characteristics
        ]
        return sorted((s for s in lost if s.points > 0), key=lambda s: -s.points)

    def as_json(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _SCALARS}
        return own | {"characteristics": [_as_json(c) for c in self.characteristics]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Scorecard":
        """Raises ValueError naming what is missing or does not hold together."""
        try:
            characteristics = tuple(_characteristic(each) for each in data["characteristics"])
            return cls(**{name: data[name] for name in _SCALARS}, characteristics=characteristics)
        except (KeyError, TypeError) as error:
            raise ValueError(f"the scorecard lacks or misnames {error}") from error


_SCALARS = ("version", "base", "odds", "double", "lowest", "highest", "source", "date")


def _characteristic(data: Mapping[str, Any]) -> Characteristic:
    lists: dict[str, Sequence] = {name: tuple(data.get(name, ())) for name in ("edges", "points", "words")}
    return Characteristic(**{**data, **lists})


def _as_json(characteristic: Characteristic) -> dict[str, Any]:
    data = dict(vars(characteristic))
    return data | {name: list(data[name]) for name in ("edges", "points", "words")}


def _readable(value: float, unit: str) -> str:
    if unit == "share" and value > LARGE_SHARE:
        return f"more than {100 * LARGE_SHARE:,}%"
    if unit == "share":
        return f"{100 * value:.0f}%"
    if unit == "ratio":
        return f"{value:.2f}"
    return f"{value:,.0f}"
