"""Models as they are served and kept: a hash-checked joblib file, its card, and what predicts."""

from ml.artifacts.card import Card
from ml.artifacts.model import Model
from ml.artifacts.store import ArtifactRefused, load, read_card, save

__all__ = ["ArtifactRefused", "Card", "Model", "load", "read_card", "save"]
