"""The champion model as a decision sees it: one probability, its reasons, or the fault that prevents both."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog
from django.conf import settings

from ml.artifacts import ArtifactRefused, Model, load
from ml.explainability import Contribution, top_contributions
from ml.features.spec import FeatureSet

if TYPE_CHECKING:
    from fraud_detection.models import ModelVersion

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Predictor:
    """A loaded model with its place in the feature vector; `fault` says why there is none.

    `sha256` is of its file, `feature_set` the version it was verified against: what a process holds in
    memory under these stays what was registered, whatever becomes of the file.
    """

    version: str
    model: Model | None
    positions: np.ndarray | None
    may_decline: bool
    fault: str | None
    sha256: str = ""
    feature_set: str = ""

    def probability(self, numbers: np.ndarray) -> float:
        """Calibrated probability of fraud for one feature vector of the engine's feature set."""
        return float(self.model.predict(numbers[self.positions][None, :])[0])

    def probabilities_or_none(self, numbers: np.ndarray) -> list[float] | None:
        """The same for a matrix, row by row equal to `probability`; None: ask one by one."""
        if self.model is None:
            return None
        try:
            return self.model.predict(numbers[:, self.positions]).tolist()
        except Exception as error:
            log.exception("model_failed_on_batch", model=self.version, error=str(error))
            return None

    def contributions(self, numbers: np.ndarray, limit: int) -> list[Contribution]:
        """The features that raise this probability most, strongest first."""
        return top_contributions(self.model, numbers[self.positions], limit)

    def usual(self, feature: str) -> float | None:
        """The training median of a feature: the baseline its value is told against."""
        return self.model.card.medians.get(feature)


def load_predictor(version: "ModelVersion | None", feature_set: FeatureSet) -> Predictor:
    """The registered model, verified by hash and schema; a refusal is a fault, never an exception."""
    if version is None:
        return Predictor("", None, None, False, "no model is registered: run manage.py train_model")
    try:
        model = load(model_path(version.path), sha256=version.sha256, feature_set=feature_set)
        positions = np.array([feature_set.numbers.index(name) for name in model.card.features], dtype=np.intp)
    except ArtifactRefused as refused:
        return Predictor(str(version), None, None, False, str(refused))
    if changed := _changed_card(model, version):
        return Predictor(str(version), None, None, False, changed)
    return Predictor(
        str(version),
        model,
        positions,
        not version.generated_data_only,
        None,
        version.sha256,
        feature_set.version,
    )


def _changed_card(model: Model, version: "ModelVersion") -> str:
    """What of the card beside the file is not as it was registered; the hash covers only the file."""
    beside, registered = (json.loads(json.dumps(card)) for card in (model.card.as_json(), version.card))
    changed = sorted(name for name, value in registered.items() if beside.get(name) != value)
    return f"{model.card.file}: its card was changed: {', '.join(changed)}" if changed else ""


def model_path(path: str) -> Path:
    """Where an artifact lies; registered paths are relative to MODEL_DIR."""
    return Path(settings.MODEL_DIR) / path
