"""How far an engine's traffic has moved from what each of its models was trained on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings

from fraud_detection.models import FeatureSetVersion, ModelVersion
from fraud_detection.services.monitoring.sampling import Vector, sampled_vectors
from ml.monitoring.drift import OK, Drift, drift

DETAILED = 12  # features whose shares by bin are kept; of the others the index is
Figures = dict[str, Any]


def drift_figures(engine: str, since: datetime, until: datetime) -> dict[str, Figures]:
    """Drift of the score and of every feature in a sample of [since, until), by model version.

    {"since", "until", "n", "score": {...}, "features": [...] most moved first, "moved", "past",
    "share_past"}: counts past the two thresholds, and the share of the model's importance (of its
    features where that is not known) past the second one.
    """
    groups: dict[str, list[Vector]] = defaultdict(list)
    for vector in sampled_vectors(engine, since, until):
        groups[vector.model_version].append(vector)
    models = {str(model): model for model in ModelVersion.objects.filter(engine=engine)}
    return {
        version: _figures(models[version], vectors, since, until)
        for version, vectors in sorted(groups.items())
        if version in models
    }


def _figures(model: ModelVersion, vectors: Sequence[Vector], since: datetime, until: datetime) -> Figures:
    scores = np.array([v.probability for v in vectors if v.probability is not None], dtype=np.float64)
    features = _features(model.card, vectors)
    past = {row["name"] for row in features if (row["psi"] or 0) >= settings.DRIFT_ALERT}
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "n": len(vectors),
        "score": _row("score", drift(model.card.get("score_bins"), scores), model.card.get("score_bins")),
        "features": features,
        "moved": sum((row["psi"] or 0) >= settings.DRIFT_WARNING for row in features),
        "past": len(past),
        "share_past": round(_weight(model, past), 4),
    }


def _features(card: Mapping[str, Any], vectors: Sequence[Vector]) -> list[Figures]:
    """One row a feature that the model reads and the record holds, most moved first."""
    matrix, names = _matrix(vectors)
    places = {name: place for place, name in enumerate(names)}
    bins = card.get("feature_bins") or {}
    measured = [(n, drift(bins.get(n), matrix[:, places[n]])) for n in card["features"] if n in places]
    measured.sort(key=lambda pair: (-(pair[1].psi or 0.0), pair[0]))
    kept = {name for name, _ in measured[:DETAILED]}
    return [_row(name, found, bins.get(name) if name in kept else None) for name, found in measured]


def _matrix(vectors: Sequence[Vector]) -> tuple[np.ndarray, list[str]]:
    """The vectors of the feature set that most of them have, and its names."""
    sets = [vector.feature_set for vector in vectors]
    commonest = max(sorted(set(sets)), key=sets.count)
    stored = FeatureSetVersion.objects.filter(pk=commonest).first()
    if stored is None:
        return np.empty((0, 0)), []
    names = [name for name, _, _ in stored.numbers]
    packed = [bytes(v.packed) for v in vectors if v.feature_set == commonest]
    whole = [row for row in packed if len(row) == 8 * len(names)]
    return np.frombuffer(b"".join(whole), "<f8").reshape(len(whole), len(names)), names


def _row(name: str, found: Drift, bins: Mapping[str, Any] | None) -> Figures:
    """`missing` are shares 0-1 of training and now; with bins, the shares of all bins too."""
    row: Figures = {
        "name": name,
        "status": found.status,
        "n": found.n,
        "psi": None if found.psi is None else round(found.psi, 4),
        "missing": None,
    }
    if found.status == OK:
        row["missing"] = [found.expected[-1], found.actual[-1]]
        if bins is not None:
            row |= {"edges": bins["edges"], "expected": found.expected, "actual": found.actual}
    return row


def _weight(model: ModelVersion, past: set[str]) -> float:
    """The share of the model's importance that lies on these features; each counts alike where unknown."""
    known = (model.report or {}).get("importance") or ()
    importance = {row["feature"]: max(row["share"], 0.0) for row in known}
    if not sum(importance.values()):
        importance = dict.fromkeys(model.card["features"], 1.0)
    return sum(importance.get(name, 0.0) for name in past) / sum(importance.values())
