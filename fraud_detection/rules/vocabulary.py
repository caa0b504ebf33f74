"""The names that the rules of an engine may use: its features, and what the caller adds per event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .language.tree import Kind


class FeatureLike(Protocol):
    kind: str
    unit: str


class FeatureSetLike(Protocol):
    """What is read of ml.features.spec.FeatureSet."""

    names: tuple[str, ...]

    def feature(self, name: str) -> FeatureLike: ...


@dataclass(frozen=True)
class Vocabulary:
    """Kinds and units by name, in the order of a values sequence: features, then context names."""

    kinds: Mapping[str, Kind]
    units: Mapping[str, str]

    @classmethod
    def of(
        cls, feature_set: FeatureSetLike, context: Mapping[str, tuple[str, str]] | None = None
    ) -> "Vocabulary":
        """`context`: name -> (kind, unit) of the values that are not features, such as list matches."""
        features = {name: feature_set.feature(name) for name in feature_set.names}
        described = {name: (feature.kind, feature.unit) for name, feature in features.items()}
        described |= context or {}
        return cls(
            {name: Kind(kind) for name, (kind, _) in described.items()},
            {name: unit for name, (_, unit) in described.items()},
        )
