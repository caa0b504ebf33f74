"""Candidate, shadow, champion, retired: who may change a model's stage, and how it takes effect.

Every change holds the engine's state row, so changes of one engine come one after the other, and
raises its revision, by which each process notices within seconds (see serving.py).
"""

from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.engines.registry import ENGINES, MODELLED
from fraud_detection.models import EngineState, ModelStage, ModelVersion
from fraud_detection.predictor import load_predictor
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.model_faults import tell_of_recovery, tell_of_refusal
from logs.services import record

SERVES_ON = "The champion keeps serving."


class StageRefused(ValueError):
    """A change of stage that may not be; the message says why and what would help."""


class PromotionRefused(StageRefused):
    """A model that cannot serve: it does not load, or reads what live events do not carry."""


class FourEyesRefused(PromotionRefused):
    """Whoever approves a model must not be the one who made it."""


class ModelConflict(Exception):
    """The model changed since the caller looked; the message says who did what, and when."""

    def __init__(self, version: ModelVersion):
        when = timezone.localtime(version.stage_changed_at).strftime("%H:%M:%S")
        by = version.stage_changed_by or "somebody"
        super().__init__(
            f"{by} made {version} {version.stage} at {when}; it is now at version {version.revision}"
        )


def promote(
    version: ModelVersion, *, approved_by: str, seen: int | None = None, request_id: str = ""
) -> ModelVersion:
    """Make a model champion; whoever approves it did not make it.

    `seen` is the revision the caller saw. Raises StageRefused, FourEyesRefused or PromotionRefused, and
    ModelConflict for a stale view; nothing changes then.
    """
    if _same(approved_by, version.created_by):
        raise FourEyesRefused(f"{version} was made by {approved_by}; somebody else must approve it")
    _check_serves(version)
    with transaction.atomic():
        state, version = _locked(version, seen)
        if version.stage == ModelStage.CHAMPION:
            raise StageRefused(f"{version} is the champion already")
        version.promoted_at, version.promoted_by = timezone.now(), approved_by
        put_in_force(state, version, approved_by, request_id=request_id)
    return version


def start_shadow(
    version: ModelVersion, *, acted_by: str, seen: int | None = None, request_id: str = ""
) -> ModelVersion:
    """Let a model score every decision beside the champion, without a say in it."""
    if version.engine not in ENGINES:
        raise StageRefused(f"{version} decides about no events: there is nothing to score in shadow")
    _check_serves(version)
    with transaction.atomic():
        state, version = _locked(version, seen)
        if version.stage not in (ModelStage.CANDIDATE, ModelStage.RETIRED):
            raise StageRefused(
                f"{version} is {version.stage}; only a candidate or a retired model can shadow"
            )
        _move(version, ModelStage.SHADOW, acted_by, "model.shadowed", request_id)
        _tell_processes(state)
    return version


def retire(
    version: ModelVersion, *, acted_by: str, seen: int | None = None, request_id: str = ""
) -> ModelVersion:
    """Take a candidate or shadow out of use; a champion goes by promoting another or rolling back."""
    with transaction.atomic():
        state, version = _locked(version, seen)
        if version.stage == ModelStage.CHAMPION:
            raise StageRefused(f"{version} serves: promote another model or roll back instead")
        if version.stage == ModelStage.RETIRED:
            raise StageRefused(f"{version} is retired already")
        tell_of_recovery(version, "is retired")
        _move(version, ModelStage.RETIRED, acted_by, "model.retired", request_id)
        _tell_processes(state)
    return version


def roll_back(
    champion: ModelVersion, *, acted_by: str, seen: int | None = None, request_id: str = ""
) -> ModelVersion:
    """Put the champion before this one in force again, or an older one when its file is refused.

    It was approved once, so this needs no second approval, unless the actor made it and promoted it too.
    """
    current = ModelVersion.objects.get(pk=champion.pk)
    if seen is not None and current.revision != seen:
        raise ModelConflict(current)
    if current.stage != ModelStage.CHAMPION:
        raise StageRefused(f"{current} is {current.stage}: only the champion can be rolled back")
    former = _serviceable_former(current, acted_by)  # its file is read before anything is locked
    with transaction.atomic():
        state, _ = _locked(current, current.revision)
        _, former = _locked(former, former.revision)
        put_in_force(state, former, acted_by, action="model.rolled_back", request_id=request_id)
        # what was rolled back is no former champion: nothing falls back on it before it is approved again
        ModelVersion.objects.filter(pk=current.pk).update(promoted_at=None, promoted_by="")
    return former


def former_champions(champion: ModelVersion) -> QuerySet[ModelVersion]:
    """The champions before this one, the last one first."""
    former = ModelVersion.objects.filter(engine=champion.engine, stage=ModelStage.RETIRED)
    return former.filter(promoted_at__lt=champion.promoted_at or timezone.now()).order_by("-promoted_at")


def missing_live(version: ModelVersion) -> list[str]:
    """Features the model reads that live events do not carry, say columns of an imported history."""
    known = engine_in_use(version.engine).feature_set.numbers if version.engine in MODELLED else ()
    return [name for name in version.card.get("features", ()) if name not in known]


def put_in_force(
    state: EngineState,
    version: ModelVersion,
    actor: str,
    *,
    action: str = "model.promoted",
    request_id: str = "",
) -> None:
    """Make it champion and retire the one before; the caller holds the state row and checked everything."""
    now = timezone.now()
    champions = ModelVersion.objects.filter(engine=state.engine, stage=ModelStage.CHAMPION)
    before = [str(champion) for champion in champions]
    champions.update(
        stage=ModelStage.RETIRED, stage_changed_at=now, stage_changed_by=actor, revision=F("revision") + 1
    )
    EngineState.objects.filter(pk=state.pk).update(model=version)
    _move(version, ModelStage.CHAMPION, actor, action, request_id, retired=before)
    tell_of_recovery(version)
    _tell_processes(state)
    OutboxMessage.objects.create(
        topic="model.promoted",
        payload={
            "engine": version.engine,
            "model": str(version),
            "retired": before,
            "by": actor,
            "rolled_back": action == "model.rolled_back",
            "at": now.isoformat(),
        },
    )


def _serviceable_former(champion: ModelVersion, actor: str) -> ModelVersion:
    refused = []
    for former in former_champions(champion):
        if _same(actor, former.created_by) and _same(actor, former.promoted_by):
            refused.append(f"{former} was made and promoted by {actor} alone")
            continue
        try:
            _check_serves(former)
        except PromotionRefused as unfit:
            refused.append(str(unfit))
        else:
            return former
    why = "; ".join(refused) or "no other model was champion before it"
    raise StageRefused(f"{champion} cannot be rolled back: {why}")


def _check_serves(version: ModelVersion) -> None:
    """It reads what live events carry, and its file is what was registered."""
    if unknown := missing_live(version):
        raise PromotionRefused(
            f"{version} reads features that live events do not carry: {', '.join(unknown)}; "
            f"it can score the history it was trained on (manage.py score_history), not serve"
        )
    if version.engine not in MODELLED:
        raise PromotionRefused(f"the engine '{version.engine}' is not installed here")
    fault = load_predictor(version, engine_in_use(version.engine).feature_set).fault
    if fault is not None:
        tell_of_refusal(version, fault, consequence=SERVES_ON)
        raise PromotionRefused(f"{version} cannot be loaded: {fault}")
    tell_of_recovery(version)


def _locked(version: ModelVersion, seen: int | None) -> tuple[EngineState, ModelVersion]:
    state = EngineState.objects.select_for_update().get(engine=version.engine)
    fresh = ModelVersion.objects.get(pk=version.pk)
    if seen is not None and fresh.revision != seen:
        raise ModelConflict(fresh)
    return state, fresh


def _move(version: ModelVersion, stage: str, actor: str, action: str, request_id: str, **said: Any) -> None:
    before, version.stage = version.stage, stage
    version.stage_changed_at, version.stage_changed_by = timezone.now(), actor
    version.revision += 1
    version.save(
        update_fields=(
            *("stage", "stage_changed_at", "stage_changed_by", "revision", "promoted_at", "promoted_by"),
        )
    )
    record(
        action,
        actor_kind="user" if "@" in actor else "system",
        actor=actor or "system",
        subject_kind="model",
        subject=str(version),
        before={"stage": before},
        after={"stage": stage, **said},
        request_id=request_id,
    )


def _tell_processes(state: EngineState) -> None:
    EngineState.objects.filter(pk=state.pk).update(revision=F("revision") + 1)


def _same(one: str, other: str) -> bool:
    """Addresses differ in more than their case."""
    return bool(one) and one.casefold() == other.casefold()
