"""The life of a definition: draft, pending approval by somebody else, active, retired."""

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import FeatureDefinition, FeatureStage
from fraud_detection.services.feature_definitions.errors import (
    DefinitionFourEyesRefused,
    DefinitionInUse,
    DefinitionStageRefused,
)
from fraud_detection.services.feature_definitions.locking import audit, changed, current, hold, tell_processes
from fraud_detection.services.feature_definitions.naming import check_no_list
from fraud_detection.services.feature_definitions.readers import models_reading, readers_by_name
from fraud_detection.services.feature_definitions.writing import MOST, checked_engine, checked_spec
from users.models import User


@transaction.atomic
def submit(
    row: FeatureDefinition, *, seen: int, acting_user: User, request_id: str = ""
) -> FeatureDefinition:
    """Ask somebody else for approval; its wording is fixed from here on."""
    row = _taken(row, seen, FeatureStage.DRAFT, "submitted")
    checked_spec(checked_engine(row.engine), row.spec)
    row.stage, row.submitted_by, row.note = FeatureStage.PENDING, acting_user.email, ""
    changed(row, acting_user)
    audit("feature.submitted", row, acting_user, request_id, after={"stage": row.stage})
    return row


@transaction.atomic
def approve(
    row: FeatureDefinition, *, seen: int, acting_user: User, request_id: str = ""
) -> FeatureDefinition:
    """Let every decision compute it, within seconds; the version before it is retired.

    Raises DefinitionFourEyesRefused for everybody who wrote or submitted it, and DefinitionInUse while a
    model in use reads the version before.
    """
    row = _taken(row, seen, FeatureStage.PENDING, "approved")
    had_a_hand = (row.author, row.submitted_by, *row.writers)
    if acting_user.email.casefold() in map(str.casefold, had_a_hand):
        raise DefinitionFourEyesRefused(
            f"{row} was written by {acting_user.email}; somebody else must approve it"
        )
    checked_spec(checked_engine(row.engine), row.spec)
    check_no_list(row.name)
    active = FeatureDefinition.objects.filter(engine=row.engine, stage=FeatureStage.ACTIVE)
    before = active.filter(name=row.name).first()
    if before is None and active.count() >= MOST:
        raise DefinitionStageRefused(f"{row.engine} has {MOST} defined features, the most: retire one first")
    if before is not None:
        _replace(before, row, acting_user)
    row.stage, row.approved_by, row.approved_at = FeatureStage.ACTIVE, acting_user.email, timezone.now()
    changed(row, acting_user)
    replaced = {"replaces": str(before)} if before else {}
    audit("feature.approved", row, acting_user, request_id, after={"stage": row.stage, **replaced})
    tell_processes(row.engine)
    return row


@transaction.atomic
def reject(
    row: FeatureDefinition, *, seen: int, reason: str, acting_user: User, request_id: str = ""
) -> FeatureDefinition:
    """Send it back to be a draft, saying why."""
    row = _taken(row, seen, FeatureStage.PENDING, "rejected")
    row.stage, row.note = FeatureStage.DRAFT, reason[:500]
    changed(row, acting_user)
    audit("feature.rejected", row, acting_user, request_id, after={"stage": row.stage, "reason": row.note})
    return row


@transaction.atomic
def retire(
    row: FeatureDefinition, *, seen: int, reason: str = "", acting_user: User, request_id: str = ""
) -> FeatureDefinition:
    """Compute it no more. Raises DefinitionInUse naming the rules and models that read it."""
    hold(row.engine)
    row = current(row, seen)
    if row.stage == FeatureStage.RETIRED:
        raise DefinitionStageRefused(f"{row} is retired already")
    was = row.stage
    if was == FeatureStage.ACTIVE and (readers := readers_by_name(row.engine, [row.name])[row.name]):
        raise DefinitionInUse(str(row), readers, "change or retire them first")
    row.stage, row.note = FeatureStage.RETIRED, reason[:500]
    changed(row, acting_user)
    audit(
        "feature.retired",
        row,
        acting_user,
        request_id,
        before={"stage": was},
        after={"stage": row.stage, "reason": row.note},
    )
    if was == FeatureStage.ACTIVE:
        tell_processes(row.engine)
    return row


def _taken(row: FeatureDefinition, seen: int, stage: str, word: str) -> FeatureDefinition:
    hold(row.engine)
    row = current(row, seen)
    if row.stage != stage:
        raise DefinitionStageRefused(f"{row} is {row.stage}: only a {stage} one can be {word}")
    return row


def _replace(before: FeatureDefinition, row: FeatureDefinition, acting_user: User) -> None:
    """What a model learned would mean something else; rules read the new meaning, as their authors see."""
    if before.spec != row.spec and (readers := models_reading(row.engine, row.name)):
        raise DefinitionInUse(
            str(before), readers, "define it under another name, or retire the models first"
        )
    before.stage, before.note = FeatureStage.RETIRED, f"Replaced by version {row.number}."
    changed(before, acting_user)
