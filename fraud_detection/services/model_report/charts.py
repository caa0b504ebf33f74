"""The points of a report that pages draw; only what is there and drawable."""

from collections.abc import Iterable
from typing import Any

from fraud_detection.models import ModelVersion
from fraud_detection.services.model_report.wording import Report, items, part, records

MOST_POINTS = 400
MOST_FEATURES = 12
MOST_DEPENDENCES = 6


def report_charts(version: ModelVersion) -> dict[str, Any]:
    """Points by chart: roc, precision_recall, calibration, cost, importance, dependence, as far as there."""
    report = version.report or {}
    charts = {
        "roc": _points(items(report, "roc")),
        "precision_recall": _points(items(report, "precision_recall")),
        "calibration": _named(records(report, "calibration"), "mean_predicted", "observed"),
        "cost": _cost(part(report, "cost")),
        "importance": _importance(report),
        "dependence": _dependence(report),
    }
    return {name: points for name, points in charts.items() if points}


def _points(given: Iterable[Any]) -> list[list[float]]:
    """[x, y] pairs of numbers, thinned evenly, ends kept."""
    pairs = [list(pair) for pair in given if _is_pair(pair)]
    if len(pairs) < 2:
        return []
    if len(pairs) <= MOST_POINTS:
        return pairs
    step = (len(pairs) - 1) / (MOST_POINTS - 1)
    return [pairs[round(place * step)] for place in range(MOST_POINTS)]


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list | tuple) and len(pair) == 2 and all(map(_is_number, pair))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _named(rows: Iterable[Any], x: str, y: str) -> list[list[float]]:
    return _points([row.get(x), row.get(y)] for row in rows)


def _cost(cost: Report) -> dict[str, Any]:
    curve = _named(records(cost, "curve"), "threshold", "cost")
    return {"curve": curve, "threshold": cost.get("threshold")} if curve else {}


def _importance(report: Report) -> list[list[Any]]:
    shares = [
        [str(row.get("feature")), row.get("share")]
        for row in records(report, "importance")
        if _is_number(row.get("share"))
    ]
    return sorted(shares, key=lambda row: -row[1])[:MOST_FEATURES]


def _dependence(report: Report) -> list[dict[str, Any]]:
    drawn = [
        {"feature": str(row.get("feature")), "points": _points(items(row, "points"))}
        for row in records(report, "dependence")
    ]
    return [one for one in drawn if one["points"]][:MOST_DEPENDENCES]
