"""The report of a training, as the JSON that page, file and model card are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from ml.artifacts.model import Model
from ml.history.extras import amounts
from ml.history.history import History
from ml.modeling.choosing import Chosen
from ml.modeling.design import Design
from ml.modeling.metrics import ALERT_BUDGET
from ml.modeling.parts import Parts
from ml.modeling.report import alerts, curves
from ml.modeling.report.explanation import explained
from ml.modeling.report.intervals import bootstrapped
from ml.modeling.report.leaks import leaking, said
from ml.modeling.report.segments import segments
from ml.modeling.report.stability import split_warning

SCHEMA = 1


@dataclass(frozen=True)
class Measured:
    """Rows that figures are taken on: row numbers of the history in order, their y, probability and X."""

    part: str
    rows: np.ndarray
    y: np.ndarray
    probability: np.ndarray
    X: np.ndarray


def report_of(
    history: History, parts: Parts, design: Design, chosen: Chosen, model: Model, measured: Measured, *,
    seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Everything but the comparison with the champion and the rules, which are not known here."""
    y, probability = measured.y, measured.probability
    times = None if history.times is None else np.asarray(history.times)[measured.rows]
    money = amounts(history)[measured.rows] if "amount" in history.roles else None
    entity = np.asarray(history.events["sender_key"])[measured.rows] if "entity" in history.roles else None
    coded = frozenset(design.names[place] for place in design.categorical)
    importance, dependence = explained(model, measured.X, y, seed, coded)
    body = figures(y, probability, times=times, amounts=money, entity=entity, seed=seed)
    precision = body["metrics"]["average_precision"]["value"]
    leaks = leaking(measured.X, y, model.card.features, precision, importance, seed)
    warnings = [*parts.warnings]
    warnings += [said(leaks, precision)] if leaks else []
    warnings += [text for text in (split_warning(design, parts, seed),) if text]
    return {
        "schema": SCHEMA,
        "data": data_of(history, parts, measured, warnings),
        **body,
        "segments": segments(history, measured.rows, y, probability),
        "importance": importance,
        "dependence": dependence,
        "candidates": _candidates(chosen),
        "leaks": leaks,
        "excluded": _excluded(history.report),
        "cross_validation": _cross_validation(parts, chosen, design),
        "champion": None,
        "rules_alone": None,
    }


def figures(
    y: np.ndarray, probability: np.ndarray, *, times: np.ndarray | None, amounts: np.ndarray | None,
    entity: np.ndarray | None, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """The figures of predictions for labelled rows in order of time: metrics, alerts, curves, thresholds."""
    roc_auc, average_precision = bootstrapped(y, probability, seed)
    cost = curves.cost(y, probability, amounts)
    by_cost = alerts.at_threshold(y, probability, cost["threshold"])
    return {
        "metrics": {
            "roc_auc": roc_auc,
            "average_precision": average_precision,
            "brier": round(float(brier_score_loss(y, probability)), 6),
            "base_rate": round(float(y.mean()), 6),
            "precision_at_threshold": by_cost,
        },
        "at_k": alerts.at_k(y, probability),
        "per_day": alerts.per_day(y, probability, times),
        "card_precision_100": alerts.card_precision(y, probability, times, entity, seed),
        "roc": curves.roc(y, probability),
        "precision_recall": curves.precision_recall(y, probability),
        "calibration": curves.calibration(y, probability),
        "cost": cost,
        "thresholds": {"capacity": alerts.capacity(y, probability, times, ALERT_BUDGET), "cost": by_cost},
    }


def data_of(history: History, parts: Parts, measured: Measured, warnings: list[str]) -> dict[str, Any]:
    fit, check = parts.folds[0]
    split = {"kind": parts.kind, "train": len(fit), "validation": len(check), "test": len(parts.test)}
    return {
        "source": "imported",
        "history": history.name,
        "rows": len(history),
        "positives": history.positives,
        "unlabelled": history.unlabelled,
        "from": _iso(history.times, 0),
        "until": _iso(history.times, -1),
        "measured_on": measured.part,
        "measured_rows": len(measured.y),
        "measured_positives": int(measured.y.sum()),
        "split": split | {"learnt": len(parts.learn)} | parts.bounds,
        "warnings": warnings,
    }


def _iso(times: np.ndarray | None, place: int) -> str | None:
    return None if times is None else datetime.fromtimestamp(int(times[place]) / 1e6, UTC).isoformat()


def _candidates(chosen: Chosen) -> list[dict[str, Any]]:
    made = [
        {"name": one.recipe.name, "average_precision": round(one.average_precision, 6),
         "parameters": {"family": one.recipe.family, **one.recipe.as_json()}}
        for one in chosen.ranked
    ]  # fmt: skip
    if "blend" in chosen.figures:
        members = {"members": [one.recipe.name for one in chosen.members]}
        made.append(
            {"name": "blend", "average_precision": round(chosen.figures["blend"], 6), "parameters": members}
        )
    return sorted(made, key=lambda one: -one["average_precision"])


def _excluded(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    excluded = report.get("excluded") or []
    return [
        {"column": one.get("column"), "auc_alone": one.get("auc_alone"), "added_auc": one.get("added_auc")}
        for one in excluded
        if isinstance(one, Mapping)
    ]


def _cross_validation(parts: Parts, chosen: Chosen, design: Design) -> dict[str, Any] | None:
    """Figures of each fold on its own, when there were several."""
    if len(parts.folds) < 2:
        return None
    labels = [design.y[check] for _, check in parts.folds]
    found = {}
    for name, measure in (("roc_auc", roc_auc_score), ("average_precision", average_precision_score)):
        values = [measure(y, raw) for y, raw in zip(labels, chosen.raws, strict=True)]
        found[name] = {
            "mean": round(float(np.mean(values)), 6),
            "sd": round(float(np.std(values, ddof=1)), 6),
            "folds": [round(float(value), 6) for value in values],
        }
    return found
