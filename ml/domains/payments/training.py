"""How the payments model is trained: what it may see, and the way from a table to a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.domains.fields import RecordRefused
from ml.domains.payments.features import PAYMENTS
from ml.domains.payments.generator import DEFAULT_UNTIL, generate
from ml.domains.payments.schema import Rate, columns, parse
from ml.features.bulk import compute
from ml.features.columns import LABEL_TABLE, STATUS_TABLE
from ml.features.keys import country_code
from ml.features.spec import NULL, FeatureSet
from ml.modeling.estimators import CANDIDATES
from ml.modeling.training import LABEL_DELAY, Progress, train
from ml.preprocessing.labels import label_stream, labels_of
from ml.preprocessing.statuses import status_stream
from ml.preprocessing.tables import DataError, line_of, records

LABEL_COLUMNS = ("is_fraud", "isFraud", "label")
# the answer, or somebody else's opinion of it: never an input
NOT_INPUTS = (*LABEL_COLUMNS, "scheme", "isFlaggedFraud")
MODEL_KINDS = ("number", "bool")
# identifiers mean nothing as numbers, and moments grow without end: a model would learn them by heart
EXCLUDED_UNITS = frozenset({"code", "time"})
# history has no "future": only a caller that decides now refuses one
ANY_TIME = datetime(9999, 12, 30, tzinfo=UTC)
BOOTSTRAP = {"customers": 360, "days": 90, "fraud_rate": 0.02}
BOOTSTRAP_TREES = 120
BOOTSTRAP_CANDIDATES = ("lightgbm", "logistic_regression")


def model_features(feature_set: FeatureSet = PAYMENTS) -> tuple[str, ...]:
    """Names of the features that the model reads, in the order of the feature vector."""
    return tuple(
        feature.name
        for feature in feature_set.features
        if feature.kind in MODEL_KINDS and feature.unit not in EXCLUDED_UNITS
    )


def train_from_frame(
    frame: pd.DataFrame,
    *,
    seed: int,
    feature_set: FeatureSet = PAYMENTS,
    source: str = "imported",
    candidates: Sequence[str] = tuple(CANDIDATES),
    threads: int = 1,
    trees: int = 300,
    rate: Rate | None = None,
    reporting_currency: str | None = None,
    path: str = "data",
    progress: Progress = lambda message: None,
) -> Model:
    """Train on a table of payments (native or PaySim names) with a label column.

    Labels count as known seven days after the event, in the features as in the split. `rate` is needed
    when the table holds several currencies. Raises DataError naming line and column of `path`, and
    TrainingRefused when the table cannot teach a model. A table that names the schemes behind its frauds
    was generated, whatever the caller says: a model of it never declines by itself.
    """
    source = "generated" if "scheme" in frame else source
    X, y, times = features_and_labels(
        frame, feature_set=feature_set, rate=rate, reporting_currency=reporting_currency, path=path
    )
    progress(f"{len(y):,} events, {int((y == 1).sum()):,} of them fraud, {len(feature_set.numbers)} features")
    names = model_features(feature_set)
    return train(
        X[:, positions(names, feature_set)],
        y,
        feature_names=names,
        times=times,
        known_at=times + LABEL_DELAY,
        seed=seed,
        engine=feature_set.name,
        feature_set=feature_set.version,
        source=source,
        candidates=candidates,
        threads=threads,
        trees=trees,
        progress=progress,
    )


def train_bootstrap(
    *,
    seed: int = 1,
    until: datetime = DEFAULT_UNTIL,
    feature_set: FeatureSet = PAYMENTS,
    threads: int = 1,
    progress: Progress = lambda message: None,
) -> Model:
    """A model for an installation without history: about 40,000 generated payments before `until`."""
    return train_from_frame(
        generate(seed=seed, until=until, **BOOTSTRAP),
        seed=seed,
        feature_set=feature_set,
        source="generated",
        candidates=BOOTSTRAP_CANDIDATES,
        threads=threads,
        trees=BOOTSTRAP_TREES,
        path="generated data",
        progress=progress,
    )


def positions(names: Sequence[str], feature_set: FeatureSet) -> np.ndarray:
    """Where each name stands in the feature vector."""
    place = {name: number for number, name in enumerate(feature_set.numbers)}
    return np.array([place[name] for name in names], dtype=np.intp)


def features_and_labels(
    frame: pd.DataFrame,
    *,
    feature_set: FeatureSet = PAYMENTS,
    rate: Rate | None = None,
    reporting_currency: str | None = None,
    path: str = "data",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(X float64 [n, numbers], y [n] of 1, 0 or -1, times [n] in microseconds), in order of time."""
    label = next((name for name in LABEL_COLUMNS if name in frame), None)
    if label is None:
        raise DataError(path, f"has no label column; one of {', '.join(LABEL_COLUMNS)} is needed")
    y = labels_of(frame, label, path)
    parsed = parsed_rows(frame.drop(columns=[name for name in NOT_INPUTS if name in frame]), path)
    order = sorted(range(len(parsed)), key=lambda row: parsed[row]["occurred_at"])
    parsed, y = [parsed[row] for row in order], y[order]
    events = event_columns(parsed, rate=rate, reporting_currency=reporting_currency, path=path)
    facts = {
        LABEL_TABLE: label_stream(events, y, events["occurred_at"] + LABEL_DELAY),
        STATUS_TABLE: status_stream(events, [row.get("status") for row in parsed]),
    }
    return compute(feature_set, events, facts), y, events["occurred_at"]


def parsed_rows(frame: pd.DataFrame, path: str) -> list[dict[str, Any]]:
    """Every row as a parsed request. Raises DataError for the first row that is refused."""
    is_text = all(not pd.api.types.is_numeric_dtype(frame[name]) for name in frame)
    parsed = []
    for row, record in zip(frame.index, records(frame), strict=True):
        record.setdefault("transaction_id", f"row-{row}")
        try:
            values = parse(record, now=ANY_TIME, text=is_text)
        except RecordRefused as refused:
            first = refused.problems[0]
            raise DataError(path, first.detail, line=line_of(row), column=first.field or None) from None
        if "occurred_at" not in values:
            raise DataError(path, "is needed for history", line=line_of(row), column="occurred_at")
        parsed.append(values)
    return parsed


def event_columns(
    parsed: list[dict[str, Any]], *, rate: Rate | None, reporting_currency: str | None, path: str
) -> dict[str, np.ndarray]:
    """The event columns of parsed rows in order of time, with the customer's home country."""
    currencies = sorted({row["currency"] for row in parsed if "currency" in row})
    if rate is None and len(currencies) > 1:
        raise DataError(path, f"holds {', '.join(currencies)}: exchange rates are needed", column="currency")
    reporting = reporting_currency or (currencies[0] if currencies else "")
    events = columns(parsed, rate=rate or _no_rate(path), reporting_currency=reporting)
    events["home_country_code"] = _home_countries(parsed)
    return events


def _no_rate(path: str) -> Rate:
    def refuse(currency: str, day: date) -> Decimal:
        raise DataError(path, f"there is no exchange rate for {currency} on {day}", column="currency")

    return refuse


def _home_countries(parsed: list[dict[str, Any]]) -> np.ndarray:
    """The country given for each customer's side when the customer was first seen, else where that was.

    Only earlier and present rows are looked at, as a customer made on first sight would have it.
    """
    homes: dict[str, int] = {}
    result = np.full(len(parsed), NULL, dtype=np.int64)
    for row, values in enumerate(parsed):
        customer = values["user_id"]
        if customer not in homes:
            side = "receiver_country" if customer == values["receiver_id"] else "sender_country"
            country = values.get(side) or values.get("country")
            if country is None:
                continue
            homes[customer] = country_code(country)
        result[row] = homes[customer]
    return result
