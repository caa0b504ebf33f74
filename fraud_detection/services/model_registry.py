"""The model registry: what was trained is entered here; model_stages.py says what then serves."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fraud_detection.models import EngineState, FeatureSetVersion, ModelVersion
from fraud_detection.services.model_stages import (
    ModelConflict,
    PromotionRefused,
    StageRefused,
    missing_live,
    promote,
    put_in_force,
)
from logs.services import record
from ml.artifacts import Model, save

__all__ = [
    "ModelConflict",
    "NoSuchModel",
    "PromotionRefused",
    "StageRefused",
    "needs_first_model",
    "promote",
    "promote_first",
    "register",
    "version_named",
]


class NoSuchModel(LookupError):
    """No model of this name; the message names those there are."""


def register(model: Model, *, created_by: str, report: Mapping[str, Any] | None = None) -> ModelVersion:
    """Save an artifact below MODEL_DIR and enter it as a candidate, with what its training measured."""
    card = save(model, Path(settings.MODEL_DIR))
    with transaction.atomic():
        EngineState.objects.select_for_update().get(engine=card.engine)  # numbers are given one at a time
        last = ModelVersion.objects.filter(engine=card.engine).aggregate(last=Max("number"))["last"] or 0
        version = ModelVersion.objects.create(
            engine=card.engine,
            number=last + 1,
            path=card.file,
            sha256=card.sha256,
            card=card.as_json(),
            report=plain(dict(report or {})),
            generated_data_only=card.source == "generated",
            created_by=created_by,
            stage_changed_by=created_by,
        )
        record(
            "model.registered",
            actor_kind="user" if "@" in created_by else "system",
            actor=created_by or "system",
            subject_kind="model",
            subject=str(version),
            after={"sha256": card.sha256, "source": card.source},
        )
    return version


def promote_first(version: ModelVersion, *, created_by: str) -> bool:
    """Make a model champion where none fits: the one promotion without a second person.

    False when there is a champion, or when live events lack features that this model reads.
    """
    with transaction.atomic():
        state = EngineState.objects.select_for_update().get(engine=version.engine)
        if missing_live(version) or not needs_first_model(state, version.card["feature_set"]):
            return False
        version.promoted_at, version.promoted_by = timezone.now(), created_by
        put_in_force(state, version, created_by)
    return True


def needs_first_model(state: EngineState, feature_set_version: str) -> bool:
    """No champion, or one of generated data that an upgrade of the features left behind.

    What people defined beside the shipped features leaves no model behind.
    """
    champion = state.model
    return champion is None or (
        champion.generated_data_only
        and _shipped_set(champion.card["feature_set"]) != _shipped_set(feature_set_version)
    )


def _shipped_set(version: str) -> str:
    """The shipped feature set that a version adds to; a shipped one itself."""
    known = FeatureSetVersion.objects.filter(pk=version).exclude(base="")
    return known.values_list("base", flat=True).first() or version


def version_named(name: str) -> ModelVersion:
    """payments-3, as commands and reports write it, or its id; raises NoSuchModel."""
    engine, _, number = name.strip().rpartition("-")
    if number.isascii() and number.isdigit() and len(number) < 10:
        wanted = {"engine": engine, "number": number} if engine else {"pk": number}
        if found := ModelVersion.objects.filter(**wanted).first():
            return found
    known = ", ".join(str(version) for version in ModelVersion.objects.order_by("-pk")[:10])
    raise NoSuchModel(f"there is no model {name!r}; " + (f"the newest are {known}" if known else "none is"))


def plain(value: Any) -> Any:
    """A report as JSON can hold it: numpy's numbers as Python's, what is no number as null."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
