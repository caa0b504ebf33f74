"""What snapshots say about a model: how far each figure is past its threshold, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from ml.monitoring.drift import OK
from ml.monitoring.outcomes import share

RECENT_WEEKS, COMPARED_WEEKS = 4, 12
ENOUGH_STOPPED = 30  # labelled stopped events on each side of a comparison
MOST_EXCESS = 99.0
SCORE, FEATURES, CALIBRATION = "model.score_drift", "model.feature_drift", "model.calibration"
PRECISION = "model.precision"
OF_ONE_MODEL = (SCORE, FEATURES, CALIBRATION)
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """`excess` is the figure in units of its threshold: from 1 on people are told; None: too few rows."""

    kind: str
    subject: str
    excess: float | None
    message: str

    @property
    def severity(self) -> str:
        return "critical" if (self.excess or 0) >= 2 else "high"


def drift_findings(subject: str, figures: Figures, *, generated: bool = False) -> list[Finding]:
    """Of the score, and of the features that the model leans on.

    A model of generated data has never met this traffic: that it differs is known and tells nothing.
    """
    found = _drift_findings(subject, figures)
    if not generated:
        return found
    why = f"{subject} is trained on generated data: drift from it is expected, train on your own"
    return [Finding(one.kind, subject, None, why) for one in found[:1]]


def _drift_findings(subject: str, figures: Figures) -> list[Finding]:
    score, n = figures["score"], f"{figures['n']:,} decisions"
    known = score["status"] == OK
    on_score = f"{subject}: PSI of the score {score['psi']} in {n}, {settings.DRIFT_ALERT:g} is the limit"
    found = [
        Finding(
            SCORE,
            subject,
            score["psi"] / settings.DRIFT_ALERT if known else None,
            on_score if known else f"{subject}: drift of the score, {score['status']} ({n})",
        )
    ]
    features = figures["features"]
    measured = [row for row in features if row["status"] == OK]
    past = [f"{row['name']} {row['psi']}" for row in features if (row["psi"] or 0) >= settings.DRIFT_ALERT]
    message = (
        f"{subject}: {len(past)} of {len(measured)} features past PSI {settings.DRIFT_ALERT:g} in {n}, "
        f"{figures['share_past']:.0%} of the model's weight: {', '.join(past[:5]) or 'none'}"
    )
    excess = figures["share_past"] / settings.DRIFT_SHARE if measured else None
    return [*found, Finding(FEATURES, subject, excess, message)]


def calibration_finding(subject: str, ages: Sequence[Figures]) -> Finding:
    """The age of decisions whose observed frauds are furthest from the predicted ones.

    A young age can only show too many: its frauds are not all known yet.
    """
    found = [(excess, age) for age in ages if (excess := _miscalibrated(age)) is not None]
    if not found:
        return Finding(CALIBRATION, subject, None, f"{subject}: too few labels to judge calibration")
    excess, age = max(found, key=lambda pair: pair[0])
    observed = age["observed"]
    message = (
        f"{subject}: decisions {age['from_days']} to {age['until_days']} days old were fraud in "
        f"{observed['value']:.2%} of {observed['n']:,}, predicted {age['predicted']:.2%}; "
        f"ratio {age['ratio']:g}, {settings.CALIBRATION_RATIO:g} is the limit"
    )
    return Finding(CALIBRATION, subject, excess, message)


def _miscalibrated(age: Figures) -> float | None:
    ratio = age["ratio"]
    if ratio is None or not age["labelled"]:
        return None
    by_chance = age["ratio_low"] <= 1 <= age["ratio_high"]
    if by_chance or (ratio < 1 and not age["settled"]):
        return 0.0
    distance = max(ratio, 1 / ratio if ratio else MOST_EXCESS)
    return min(distance / settings.CALIBRATION_RATIO, MOST_EXCESS)


def precision_finding(engine: str, weeks: Sequence[Figures]) -> Finding:
    """Stopped events that were fraud: the four newest full weeks against the twelve before."""
    full = weeks[:-1]
    recent = _pooled(full[-RECENT_WEEKS:])
    before = _pooled(full[-RECENT_WEEKS - COMPARED_WEEKS : -RECENT_WEEKS])
    if min(recent.n, before.n) < ENOUGH_STOPPED:
        return Finding(PRECISION, engine, None, f"{engine}: too few stopped events have labels")
    fall = before.value - recent.value
    message = (
        f"{engine}: {recent.value:.0%} of {recent.n:,} stopped and labelled events of {RECENT_WEEKS} weeks "
        f"were fraud, {before.value:.0%} of {before.n:,} in the {COMPARED_WEEKS} weeks before"
    )
    within_chance = recent.high >= before.value
    return Finding(PRECISION, engine, 0.0 if within_chance else fall / settings.PRECISION_DROP, message)


def _pooled(weeks: Sequence[Figures]):
    precision = [week["precision"] for week in weeks]
    return share(sum(p["hits"] for p in precision), sum(p["n"] for p in precision))
