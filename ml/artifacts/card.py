"""The card of a model: everything about it that is not the weights, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

FORMAT = 1
SOURCES = ("generated", "stored", "imported", "external")
OPTIONAL = ("feature_bins", "score_bins", "base_feature_set", "added_features")


@dataclass(frozen=True)
class Card:
    """What a model is. Times are ISO 8601 in UTC; sha256, bytes and file are empty until it is saved.

    `feature_bins` and `score_bins` are what `ml.monitoring.bins` made of training rows and of scores of
    untouched rows: drift is measured against them. Cards from before they existed lack them.
    `base_feature_set` is the shipped set behind `feature_set` where people added to it, `added_features`
    what those of their features that it reads computed then (`FeatureSet.meanings`).
    """

    engine: str
    name: str
    algorithm: str
    features: tuple[str, ...]
    feature_set: str
    source: str
    seed: int
    metrics: Mapping[str, float]
    candidates: Mapping[str, float]
    calibration: str
    explanation: str
    split: str
    training_window: Mapping[str, Any]
    medians: Mapping[str, float | None]
    percentiles: Mapping[str, tuple[float, ...]]
    score_percentiles: tuple[float, ...]
    prediction_hash: str
    libraries: Mapping[str, str]
    sha256: str = ""
    bytes: int = 0
    file: str = ""
    format: int = FORMAT
    notes: tuple[str, ...] = field(default=())
    feature_bins: Mapping[str, Any] = field(default_factory=dict)
    score_bins: Mapping[str, Any] = field(default_factory=dict)
    base_feature_set: str = ""
    added_features: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Card:
        """Raises ValueError naming what is missing, unknown or of another format."""
        if not isinstance(values, Mapping):
            raise ValueError("the card is not a JSON object")
        if values.get("format") != FORMAT:
            raise ValueError(f"the card has format {values.get('format')!r}; this version reads {FORMAT}")
        known = {item.name for item in fields(cls)}
        if missing := sorted(known - set(OPTIONAL) - set(values)):
            raise ValueError(f"the card lacks {', '.join(missing)}")
        if unknown := sorted(set(values) - known):
            raise ValueError(f"the card holds unknown entries: {', '.join(unknown)}")
        if not isinstance(values["bytes"], int):
            raise ValueError(f"bytes is {values['bytes']!r}, not a number")
        if not all(isinstance(name, str) for name in values["features"]):
            raise ValueError("features are not names")
        lists = ("features", "score_percentiles", "notes")
        tidy = {name: tuple(value) if name in lists else value for name, value in values.items()}
        tidy["percentiles"] = {name: tuple(cuts) for name, cuts in values["percentiles"].items()}
        return cls(**tidy)
