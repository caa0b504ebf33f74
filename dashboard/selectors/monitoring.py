"""What watching a model found, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from alerts.models import SystemAlert
from fraud_detection.models import ModelVersion, MonitoringSnapshot, SnapshotKind
from fraud_detection.services.monitoring.reading import DRIFT, newest_of, newest_outcomes, open_alarms

SHOWN = 15  # features
WEEKS = 13
BAR_END = 4.0  # of DRIFT_ALERT: what lies beyond fills the bar
SCORE = "score"
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class DriftRow:
    """A feature, or the score. `indexes` by window; the bar and `level` are of the longest that has one."""

    name: str
    indexes: list[str]
    level: str
    bar: float
    missing: tuple[float, float] | None


@dataclass(frozen=True)
class Interval:
    """A share in per cent of `scale`, for a bar: so that small shares can be told apart."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AgeRow:
    figures: Figures
    predicted: float
    interval: Interval | None


@dataclass(frozen=True)
class WeekRow:
    figures: Figures
    precision: Interval | None


@dataclass(frozen=True)
class Watch:
    """Everything the section shows; empty lists where there is nothing yet."""

    windows: list[MonitoringSnapshot]
    rows: list[DriftRow]
    ages: list[AgeRow]
    deciles: list[AgeRow]
    weeks: list[WeekRow]
    alarms: list[SystemAlert]
    as_of: datetime | None
    released: bool

    @property
    def ticks(self) -> tuple[float, float]:
        """Where the two thresholds lie on a bar of 0 to 100."""
        return 100 * settings.DRIFT_WARNING / (BAR_END * settings.DRIFT_ALERT), 100 / BAR_END


def watched(version: ModelVersion) -> Watch:
    """The newest snapshots of a model, and of its engine's outcomes by week."""
    newest = newest_of(version)
    windows = [newest[kind] for kind in DRIFT if kind in newest]
    calibration, outcomes = newest.get(SnapshotKind.CALIBRATION), newest_outcomes(version.engine)
    ages = calibration.figures["ages"] if calibration else []
    weeks = outcomes.figures["weeks"][-WEEKS:] if outcomes else []
    about = (str(version), version.engine)
    return Watch(
        windows=windows,
        rows=_drift_rows([window.figures for window in windows]),
        ages=_age_rows(ages),
        deciles=_age_rows(ages[-1]["deciles"]) if ages else [],
        weeks=[WeekRow(week, _interval(week["precision"], 1.0)) for week in reversed(weeks)],
        alarms=list(open_alarms(version.engine).filter(subject__in=about)),
        as_of=max((window.as_of for window in windows), default=None),
        released=any(week["released"]["n"] for week in weeks),
    )


def _drift_rows(windows: Sequence[Figures]) -> list[DriftRow]:
    """The score, then the features that moved most in the longest window."""
    if not windows:
        return []
    by_name = [{row["name"]: row for row in (w["score"], *w["features"])} for w in windows]
    names = [SCORE, *(row["name"] for row in windows[-1]["features"][:SHOWN])]
    return [_drift_row(name, [found.get(name) for found in by_name]) for name in names]


def _drift_row(name: str, found: Sequence[Figures | None]) -> DriftRow:
    known = [row for row in found if row and row["psi"] is not None]
    index = known[-1]["psi"] if known else 0.0
    return DriftRow(
        name="Score" if name == SCORE else name,
        indexes=[_index(row) for row in found],
        level=_level(index),
        bar=min(100 * index / (BAR_END * settings.DRIFT_ALERT), 100.0),
        missing=tuple(known[-1]["missing"]) if known else None,
    )


def _level(index: float) -> str:
    if index >= settings.DRIFT_ALERT:
        return "high"
    return "medium" if index >= settings.DRIFT_WARNING else "low"


def _index(row: Figures | None) -> str:
    if row is None:
        return ""
    return row["status"] if row["psi"] is None else f"{row['psi']:.3f}"


def _age_rows(rows: Sequence[Figures]) -> list[AgeRow]:
    """Predicted and observed on one scale, up to the highest of all."""
    told = [row for row in rows if row["observed"]["n"]]
    scale = max((max(row["observed"]["high"], row["predicted"]) for row in told), default=0.0)
    return [
        AgeRow(row, 100 * (row["predicted"] or 0.0) / (scale or 1.0), _interval(row["observed"], scale))
        for row in rows
    ]


def _interval(share: Figures, scale: float) -> Interval | None:
    if share["value"] is None or not scale:
        return None
    return Interval(*(100 * share[name] / scale for name in ("value", "low", "high")))
