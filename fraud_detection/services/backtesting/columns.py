"""The columns that some rules read, of one block of decisions and the rows that count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from fraud_detection.engines.engine import Engine
from fraud_detection.rules.columns import Column, Texts
from fraud_detection.rules.compiled import CompiledRule
from fraud_detection.rules.language import Kind, depends_on
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.backtesting.blocks import Block
from fraud_detection.services.backtesting.filling import can_fill, declared_before, filled

_TICK = timedelta(microseconds=1)


@dataclass
class Lacking:
    """Rows whose feature set did not define a name yet."""

    rows: int = 0
    until: int = 0  # microseconds of the newest of them
    filled: bool = False  # computed now, as it would have been then

    def add(self, at: np.ndarray) -> None:
        self.rows += len(at)
        if len(at):
            self.until = max(self.until, int(at.max()))


@dataclass(frozen=True)
class Period:
    """[since, until) in microseconds, by when events happened; `replaced`: events that no longer count."""

    since: int
    until: int
    replaced: np.ndarray

    def counts(self, block: Block) -> np.ndarray | None:
        """Which rows of a block count, bool [rows]; None when none does."""
        span = block.about["at"]
        if span is None or span[1] < self.since or span[0] >= self.until:
            return None
        at = block.rows("at")
        mask = (at >= self.since) & (at < self.until)
        if len(self.replaced):
            mask &= ~np.isin(block.rows("event"), self.replaced)
        return mask if mask.any() else None


def names_read(rules: Iterable[CompiledRule], vocabulary: Vocabulary) -> dict[str, Kind]:
    """What conditions, minimum history, severity and confidence read, with their kinds."""
    names: set[str] = set()
    for rule in rules:
        for node in (rule.logic.condition, rule.logic.requires, rule.severity, rule.confidence):
            names |= depends_on(node) if node is not None else set()
    return {name: vocabulary.kinds[name] for name in sorted(names)}


@dataclass
class Columns:
    """Gives the columns of each block; counts what old feature sets lack."""

    engine: Engine
    kinds: Mapping[str, Kind]
    lacking: dict[str, Lacking] = field(default_factory=dict)

    def of(self, block: Block, mask: np.ndarray) -> dict[str, Column]:
        """By name, only the rows of the mask; a set that lacks a name gives missing."""
        return {name: self._column(block, name, kind, mask) for name, kind in self.kinds.items()}

    def note_lacking(self, block: Block, mask: np.ndarray) -> None:
        """Count the rows of features that are younger than the decision."""
        for name in self.kinds:
            rows = mask & self._lacks(block, name)
            if rows.any():
                found = self.lacking.setdefault(name, Lacking(filled=can_fill(self.engine, name)))
                found.add(block.rows("at")[rows])

    def _lacks(self, block: Block, name: str) -> np.ndarray:
        feature_set = self.engine.feature_set
        if name not in feature_set.names:  # of the context: it stands beside the vector, or is missing
            return np.zeros(block.length, bool)
        return block.lacks(name, feature_set.meanings([name]).get(name))

    def _column(self, block: Block, name: str, kind: Kind, mask: np.ndarray) -> Column:
        rows = int(np.count_nonzero(mask))
        lacking = self._lacks(block, name)
        if lacking.any() and kind is not Kind.TEXT and can_fill(self.engine, name):
            return picked(filled(self.engine, block, name, lacking), mask)
        column = block.column(name) if block.has(name) else None
        if kind is Kind.TEXT:
            column = column if isinstance(column, Texts) else None
            column = declared_before(self.engine, block, name, column)
            if column is None:
                return Texts(np.full(rows, -1, np.int32), ())
            return Texts(picked(column.codes, mask), column.values)
        if column is None or isinstance(column, Texts):
            return np.full(rows, np.nan)
        return picked(column, mask)


def picked(column: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The rows of the mask, without a copy when that is all of them."""
    return column if mask.all() else column[mask]


def microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)) // _TICK
