"""How the insurance model is trained: an isolation forest over what a claim and its history say.

It knows no labels: what is unusual adds to the risk, little, and never decides by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.artifacts.model import Model
from ml.domains.fields import RecordRefused
from ml.domains.insurance.features import INSURANCE
from ml.domains.insurance.generator import START, generate
from ml.domains.insurance.schema import columns, parse
from ml.features.bulk import compute
from ml.modeling.anomaly import train_anomaly
from ml.preprocessing.tables import DataError, line_of, records

Progress = Callable[[str], None]
ANY_TIME = datetime(9999, 12, 30, tzinfo=UTC)  # history has no future
BOOTSTRAP_CLAIMS = 12_000
# the answer, or somebody else's opinion of it: never an input
NOT_INPUTS = ("is_fraud", "isFraud", "label", "fraud", "scheme")
# Sums of money differ by product, the size of the book says nothing of a claim, the rest stands in others.
UNREAD = frozenset(
    {
        *(
            "claim_amount",
            "estimated_value",
            "market_value",
            "cover_limit",
            "peril_p95",
            "claimant_claimed_12m",
        ),
        *("claimant_claimed_12m", "peril_earlier_claims"),
        *("loss_days_after_start", "loss_days_before_start", "loss_days_before_end", "loss_days_after_end"),
    }
)


def model_features() -> tuple[str, ...]:
    """Names of the features that the model reads: none that only the database can answer."""
    return tuple(name for name in INSURANCE.numbers if name not in UNREAD and not INSURANCE.is_measured(name))


def train_bootstrap(
    *,
    seed: int = 1,
    until: datetime = START,
    claims: int = BOOTSTRAP_CLAIMS,
    progress: Progress = lambda message: None,
) -> Model:
    """A model for an installation without history: two years of generated claims before `until`."""
    made = generate(claims=claims, seed=seed, until=until, days=730)
    parsed = [parse(claim, now=ANY_TIME) for claim in made]
    return _trained(parsed, seed=seed, source="generated", progress=progress)


def train_from_frame(
    frame: pd.DataFrame,
    *,
    seed: int,
    source: str = "imported",
    path: str = "data",
    progress: Progress = lambda message: None,
) -> Model:
    """Train on a table of claims in the names of the API. Raises DataError, TrainingRefused."""
    source = "generated" if "scheme" in frame else source
    known = frame.drop(columns=[name for name in NOT_INPUTS if name in frame])
    return _trained(_parsed(known, path), seed=seed, source=source, progress=progress)


def _trained(parsed: Sequence[Mapping[str, Any]], *, seed: int, source: str, progress: Progress) -> Model:
    X, times = features(parsed)
    names = model_features()
    place = [INSURANCE.numbers.index(name) for name in names]
    model, _ = train_anomaly(
        X[:, place],
        feature_names=names,
        engine=INSURANCE.name,
        seed=seed,
        feature_set=INSURANCE.version,
        source=source,
        times=times,
        progress=progress,
    )
    return model


def features(parsed: Sequence[Mapping[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """(X float64 [n, numbers], times [n] in microseconds) of parsed claims, in order of report."""
    events = columns(sorted(parsed, key=lambda claim: claim["occurred_at"]))
    return compute(INSURANCE, events), events["occurred_at"]


def _parsed(frame: pd.DataFrame, path: str) -> list[dict[str, Any]]:
    is_text = all(not pd.api.types.is_numeric_dtype(frame[name]) for name in frame)
    parsed = []
    for row, record in zip(frame.index, records(frame), strict=True):
        try:
            values = parse(record, now=ANY_TIME, text=is_text)
        except RecordRefused as refused:
            first = refused.problems[0]
            raise DataError(path, first.detail, line=line_of(row), column=first.field or None) from None
        if "occurred_at" not in values:
            raise DataError(path, "is needed for history", line=line_of(row), column="reported_at")
        parsed.append(values)
    return parsed
