"""What an import found: balance, duplicates, leaks, order, and the columns that were left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ml.history.gathering import Gatherer, Tally
from ml.history.history import History
from ml.history.judging import FEWEST_OF_A_CLASS, LEAK_AUC
from ml.history.profile import Profile
from ml.history.source import Source
from ml.history.warnings import warnings_of
from ml.history.worth import worth
from ml.preprocessing.separation import of_groups, of_numbers

SCHEMA = 1
_LEAK_ROWS = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def report_of(
    history: History, *, source: Source, gatherer: Gatherer, profiles: Mapping[str, Profile]
) -> dict[str, Any]:
    """The report as JSON; every number is exact but the AUCs, which are of at most 20,000 rows."""
    extras, tally = gatherer.extras, gatherer.tally
    measured = worth(history, gatherer.reservoir.rows, gatherer.reservoir.texts)
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "file": _file(source, tally.rows),
        "rows": len(history),
        "refused": {"count": tally.refused, "first": [one._asdict() for one in tally.refusals]},
        "duplicates": _duplicates(tally),
        "balance": _balance(history),
        "unknown_labels": gatherer.roles.labels.unknown_values() if "label" in history.roles else {},
        "time": _time(history, tally.out_of_order),
        "roles": sorted(history.roles),
        "numeric": list(history.numeric),
        "categorical": {name: len(words) for name, (_, words) in history.categorical.items()},
        "dates": extras.dates,
        "leaking": leaking(history),
        "constant": _constant(history) + _topic(extras.excluded, "constant"),
        "identifiers": _identifiers(history) + _topic(extras.excluded, "identifier"),
        "personal": [_left_out(n, f.why) for n, f in extras.excluded.items() if f.topic == "personal"],
        "mixed": _mixed(gatherer),
        "excluded": [
            {"column": name, "why": fate.why, "topic": fate.topic}
            | measured.get(name, {"auc_alone": None, "added_auc": None})
            for name, fate in extras.excluded.items()
        ],
    }
    return report | {"warnings": warnings_of(report, history, gatherer)}


def leaking(history: History) -> list[dict[str, Any]]:
    """Columns that give the label away by themselves, worst first."""
    rows = _drawn(history)
    y = np.asarray(history.y)[rows]
    if min((y == 1).sum(), (y == 0).sum()) < FEWEST_OF_A_CLASS:
        return []
    found = {
        name: of_numbers(np.asarray(v)[rows].astype(np.float64), y) for name, v in history.numeric.items()
    }
    found |= {n: of_groups(np.asarray(codes)[rows], y) for n, (codes, _) in history.categorical.items()}
    if "amount" in history.roles:
        amount = np.asarray(history.events["amount_minor"])[rows].astype(np.float64)
        found["(amount)"] = of_numbers(amount, y)
    if history.times is None:
        found["(row number)"] = of_numbers(rows.astype(np.float64), y)
    ranked = sorted(found.items(), key=lambda one: -one[1])
    return [{"column": name, "auc": round(value, 4)} for name, value in ranked if value > LEAK_AUC]


def _drawn(history: History) -> np.ndarray:
    """Labelled rows, every one or an even sample of each class, in order."""
    most = _LEAK_ROWS if len(history.numeric) + len(history.categorical) <= 300 else _LEAK_ROWS // 4
    random, chosen = np.random.default_rng(1), []
    for label in (0, 1):
        rows = np.flatnonzero(history.y == label)
        chosen.append(rows if len(rows) <= most // 2 else random.choice(rows, most // 2, replace=False))
    return np.sort(np.concatenate(chosen))


def _file(source: Source, rows: int) -> dict[str, Any]:
    layout = source.layout
    return {
        "name": source.path.name,
        "rows": rows,
        "columns": len(source.columns),
        "encoding": source.encoding,
        "delimiter": layout.delimiter,
        "header": layout.header,
    }


def _duplicates(tally: Tally) -> dict[str, Any]:
    return {
        "rows": tally.same_rows,
        "left_out": tally.left_out,
        "ids": tally.same_ids,
        "examples": tally.repeated_ids,
    }


def _balance(history: History) -> dict[str, Any]:
    fraud, unknown = history.positives, history.unlabelled
    known = len(history) - unknown
    return {
        "fraud": fraud,
        "legitimate": known - fraud,
        "unknown": unknown,
        "fraud_share": round(fraud / known, 6) if known else None,
    }


def _time(history: History, out_of_order: int) -> dict[str, Any] | None:
    if history.times is None:
        return None
    return {
        "kind": history.mapping["time"]["kind"],
        "from": _iso(history.times[0]),
        "until": _iso(history.times[-1]),
        "out_of_order": out_of_order,
        "label_delay_days": history.label_delay / 86_400_000_000,
        "distinct": int(1 + (np.diff(history.times) > 0).sum()),
    }


def _iso(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=int(microseconds))).isoformat()


def _constant(history: History) -> list[str]:
    """Features with one value in every row, or none in any."""
    numeric = [n for n, v in history.numeric.items() if (v == v[0]).all() or np.isnan(v).all()]
    return numeric + [n for n, (codes, _) in history.categorical.items() if (codes == codes[0]).all()]


def _identifiers(history: History) -> list[str]:
    """Categories of which hardly any comes back."""
    if len(history) < 50:
        return []
    return [
        n for n, (codes, words) in history.categorical.items() if len(words) > 0.5 * (codes >= 0).sum() > 25
    ]


def _topic(excluded: Mapping[str, Any], topic: str) -> list[str]:
    return [name for name, fate in excluded.items() if fate.topic == topic]


def _left_out(column: str, why: str) -> dict[str, str]:
    return {"column": column, "why": why, "fate": "dropped"}


def _mixed(gatherer: Gatherer) -> list[dict[str, Any]]:
    """Numeric columns with texts among the numbers; those count as missing."""
    return [
        {
            "column": name,
            "cells": reader.wrong,
            "examples": [{"line": line, "value": text} for line, text in reader.examples],
        }
        for name, (_, reader) in gatherer.extras.readers.items()
        if getattr(reader, "wrong", 0)
    ]
