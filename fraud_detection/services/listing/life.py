"""The life of a custom list: made, described, deleted. Its name stands in rules, so it is never renamed."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import (
    CustomList,
    DeclaredField,
    EngineState,
    FeatureDefinition,
    FeatureStage,
    ListEntry,
    ListKind,
)
from fraud_detection.rules.language.scope import FUNCTIONS, METHODS, RESERVED
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.listing.changes import note_change
from fraud_detection.services.listing.usage import Reading, rules_reading
from fraud_detection.services.listing.values import ENTITY_LISTS
from logs.services import record
from ml.definitions import EventField
from users.models import User


class ListConflict(RuntimeError):
    """A change based on a stale view, or a list that cannot be changed now; the message says why."""


class ListInUse(ListConflict):
    """A list that rules read; `readings` are those rules."""

    def __init__(self, name: str, readings: list[Reading]):
        self.readings = readings
        rules = ", ".join(f"{each.rule} of {each.engine} ({each.stage})" for each in readings)
        super().__init__(f"The list '{name}' is used by {rules}; take it out of these rules first.")


@transaction.atomic
def make_custom_list(
    *,
    name: str,
    description: str,
    acting_user: User,
    kind: str = ListKind.WORD,
    request_id: str = "",
) -> CustomList:
    """Make a list that rules can name; raises ValidationError for a name they could not.

    A deleted list of the same name and kind comes back, empty.
    """
    made = CustomList(name=name, kind=kind, description=description, created_by=acting_user.email)
    made.clean_fields()
    _hold_engines()
    check_list_name(name)
    known = CustomList.objects.select_for_update().filter(name=name).first()
    if known is None:
        made.save(force_insert=True)
    else:
        _revive(known, made)
    _audit("custom_list.made", name, acting_user, request_id, after={"kind": kind})
    return CustomList.objects.get(pk=name)


@transaction.atomic
def describe_custom_list(
    *, name: str, description: str, seen: int, acting_user: User, request_id: str = ""
) -> CustomList:
    """Say anew what a list is for; raises CustomList.DoesNotExist, ListConflict, ValidationError."""
    found = _standing(name, seen)
    before, found.description = found.description, description
    found.clean_fields()
    found.revision += 1
    found.save(update_fields=("description", "revision"))
    _audit(
        "custom_list.described",
        name,
        acting_user,
        request_id,
        before={"description": before},
        after={"description": description},
    )
    return found


@transaction.atomic
def delete_custom_list(*, name: str, seen: int, acting_user: User, request_id: str = "") -> None:
    """Delete a list that no rule reads, and take everything off it; what stood on it is kept for replays.

    Raises CustomList.DoesNotExist, ListInUse, ListConflict.
    """
    _hold_engines()
    found = _standing(name, seen)
    readings = rules_reading([name])[name]
    if readings:
        raise ListInUse(name, readings)
    now = timezone.now()
    entries = ListEntry.objects.filter(list=name, removed_at=None).update(
        removed_at=now, removed_by=acting_user.email, revision=F("revision") + 1
    )
    note_change(name, ranges=False)
    found.removed_at = now
    found.revision += 1
    found.save(update_fields=("removed_at", "revision"))
    _audit("custom_list.deleted", name, acting_user, request_id, before={"entries": entries})


def _hold_engines() -> None:
    """Neither a feature of this name nor a rule that reads the list comes into force meanwhile."""
    for engine in ENGINES:  # in the order in which services.feature_definitions holds several
        EngineState.objects.select_for_update().filter(engine=engine).first()


def _standing(name: str, seen: int) -> CustomList:
    found = CustomList.objects.select_for_update().get(name=name, removed_at=None)
    if found.revision != seen:
        raise ListConflict(f"The list '{name}' was changed since version {seen}; look at it again.")
    return found


def _revive(known: CustomList, made: CustomList) -> None:
    if known.removed_at is None:
        raise ValidationError({"name": f"There is a list '{made.name}' already."})
    if known.kind != made.kind:
        raise ValidationError(
            {"kind": f"A deleted list of this name held '{known.kind}'; take another name."}
        )
    known.removed_at, known.description, known.revision = None, made.description, known.revision + 1
    known.save(update_fields=("removed_at", "description", "revision"))


def check_list_name(name: str) -> None:
    """Raises ValidationError: a list called like a feature would break every rule of that engine."""
    taken = {"new", "add", *ENTITY_LISTS, *RESERVED, *FUNCTIONS, *METHODS}
    for engine in map(engine_in_use, ENGINES):
        taken |= {*engine.feature_set.names, *engine.context}
    taken |= set(FeatureDefinition.objects.exclude(stage=FeatureStage.RETIRED).values_list("name", flat=True))
    taken |= {
        EventField(row.name, row.kind).column for row in DeclaredField.objects.all()
    }  # withdrawn ones too
    if name in taken:
        raise ValidationError({"name": f"'{name}' means something else in rules; take another name."})


def _audit(action: str, name: str, user: User, request_id: str, **states: dict) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="custom_list",
        subject=name,
        request_id=request_id,
        **states,
    )
