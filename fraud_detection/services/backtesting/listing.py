"""The hits of a backtest, kept with its result and handed out as CSV."""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, Backtest
from fraud_detection.services.backtesting.counting import FRAUD, GOOD, Slice
from fraud_detection.services.customers.reading import harmless

MOST = 200_000  # hits listed: the first of the period
AT_ONCE = 1_000
BY_DRAFT, BY_ACTIVE, IS_FRAUD, IS_GOOD = 1, 2, 4, 8
COLUMNS = (
    *("assessment_id", "event_id", "occurred_at", "customer", "amount", "decision"),
    *("hit_by_draft", "hit_by_active", "label"),
)
_ROW = np.dtype([("id", "<i8"), ("flags", "u1")])


@dataclass
class Listed:
    """Decisions that the draft or the active version hits, up to MOST."""

    parts: list[np.ndarray] = field(default_factory=list)
    count: int = 0
    complete: bool = True

    def add(self, part: Slice, draft: np.ndarray, active: np.ndarray | None) -> None:
        before = np.zeros(len(draft), bool) if active is None else active
        at = np.flatnonzero(draft | before)
        if self.count + len(at) > MOST:
            at, self.complete = at[: MOST - self.count], False
        rows = np.zeros(len(at), _ROW)
        rows["id"] = part.ids[at]
        rows["flags"] = (
            BY_DRAFT * draft[at]
            + BY_ACTIVE * before[at]
            + IS_FRAUD * (part.verdict[at] == FRAUD)
            + IS_GOOD * (part.verdict[at] == GOOD)
        )
        self.parts.append(rows)
        self.count += len(at)

    def packed(self) -> bytes:
        rows = np.concatenate(self.parts) if self.parts else np.zeros(0, _ROW)
        return zlib.compress(rows.tobytes())


def hits_csv(backtest: Backtest) -> Iterator[str]:
    """The lines of the CSV, header first: events that the draft or the active version hits."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    rows = np.frombuffer(zlib.decompress(bytes(backtest.hits)), _ROW) if backtest.hits else []
    link = ENGINES[backtest.engine].link.removesuffix("_id")
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        found = Assessment.objects.select_related(link, "customer").defer("features", "texts", "reasons")
        known = found.in_bulk([int(row["id"]) for row in some])
        for row in some:
            assessment = known.get(int(row["id"]))
            if assessment is not None:
                yield writer.writerow(_cells(assessment, link, int(row["flags"])))


def _cells(assessment: Assessment, link: str, flags: int) -> list[str]:
    event = getattr(assessment, link)
    label = "fraud" if flags & IS_FRAUD else "legitimate" if flags & IS_GOOD else ""
    return [
        str(assessment.pk),
        harmless(assessment.external_id),
        event.occurred_at.isoformat(),
        harmless(assessment.customer.external_id) if assessment.customer else "",
        f"{assessment.amount_minor / 100:.2f}",
        assessment.decision,
        "yes" if flags & BY_DRAFT else "no",
        "yes" if flags & BY_ACTIVE else "no",
        label,
    ]


class _Echo:
    """Gives the written line back, so that a CSV can be streamed."""

    def write(self, line: str) -> str:
        return line
