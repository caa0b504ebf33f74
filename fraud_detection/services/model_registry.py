"""The model registry: what was trained, what serves, and how that changes."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from fraud_detection.models import EngineState, ModelStage, ModelVersion
from logs.services import record
from ml.artifacts import Model, save


class PromotionRefused(ValueError):
    """A model that may not become champion; the message says why."""


def register(model: Model, *, created_by: str) -> ModelVersion:
    """Save an artifact below MODEL_DIR and enter it as a candidate."""
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
            generated_data_only=card.source == "generated",
            created_by=created_by,
        )
        _audit("model.registered", version, created_by, {"sha256": card.sha256, "source": card.source})
    return version


def promote_first(version: ModelVersion, *, created_by: str) -> bool:
    """Make a model champion where none fits: the one promotion without a second person."""
    with transaction.atomic():
        state = (
            EngineState.objects.select_for_update(of=("self",))
            .select_related("model")
            .get(engine=version.engine)
        )
        if not needs_first_model(state, version.card["feature_set"]):
            return False
        _put_in_force(state, version, created_by)
    return True


def needs_first_model(state: EngineState, feature_set_version: str) -> bool:
    """No champion, or one of generated data that an upgrade of the features left behind."""
    champion = state.model
    return champion is None or (
        champion.generated_data_only and champion.card["feature_set"] != feature_set_version
    )


def promote(version: ModelVersion, *, approved_by: str) -> None:
    """Make a model champion; whoever approves it did not make it. Raises PromotionRefused."""
    if approved_by == version.created_by:
        raise PromotionRefused(f"{version} was made by {approved_by}; somebody else must approve it")
    with transaction.atomic():
        state = EngineState.objects.select_for_update().get(engine=version.engine)
        version.refresh_from_db()
        if version.stage == ModelStage.CHAMPION:
            raise PromotionRefused(f"{version} is the champion already")
        _put_in_force(state, version, approved_by)


def _put_in_force(state: EngineState, version: ModelVersion, actor: str) -> None:
    champions = ModelVersion.objects.filter(engine=state.engine, stage=ModelStage.CHAMPION)
    before = [str(champion) for champion in champions]
    champions.update(stage=ModelStage.RETIRED)
    version.stage, version.promoted_at = ModelStage.CHAMPION, timezone.now()
    version.save(update_fields=("stage", "promoted_at"))
    EngineState.objects.filter(pk=state.pk).update(model=version, revision=F("revision") + 1)
    _audit("model.promoted", version, actor, {"retired": before})


def _audit(action: str, version: ModelVersion, actor: str, after: dict) -> None:
    record(
        action,
        actor_kind="user" if "@" in actor else "system",
        actor=actor or "system",
        subject_kind="model",
        subject=str(version),
        after=after,
    )
