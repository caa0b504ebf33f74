"""Declaring fields that clients send with transactions, and withdrawing them."""

from django.db import transaction

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import DeclaredField, FieldKind
from fraud_detection.services.feature_definitions.errors import (
    DefinitionConflict,
    DefinitionInUse,
    DefinitionStageRefused,
)
from fraud_detection.services.feature_definitions.locking import audit, changed, hold, tell_processes
from fraud_detection.services.feature_definitions.naming import FIELD_PREFIX, check_field_name
from fraud_detection.services.feature_definitions.readers import definitions_reading, readers_by_name
from ml.definitions import DefinitionRefused
from users.models import User

MOST = 50
ENGINES_OF_TRANSACTIONS = tuple(name for name, engine in ENGINES.items() if engine.link == "transaction_id")


@transaction.atomic
def declare_field(
    *, name: str, kind: str, unit: str = "", meaning: str, acting_user: User, request_id: str = ""
) -> DeclaredField:
    """Take a field from clients, of this type, from now on. Raises DefinitionRefused."""
    check_field_name(name)
    if kind not in FieldKind.values:
        raise DefinitionRefused.of("kind", "unknown_value", f"must be one of {', '.join(FieldKind.values)}")
    unit, meaning = _text("unit", unit, 32), _text("meaning", meaning, 300)
    if not meaning:
        raise DefinitionRefused.of("meaning", "required", "is required: what the field says of the event")
    for engine in ENGINES_OF_TRANSACTIONS:
        hold(engine)
    check_field_name(name)  # again: nobody makes a list of this name while the engines are held
    if DeclaredField.objects.filter(name=name).exists():
        raise DefinitionStageRefused(f"'{name}' is declared already; its type cannot change")
    if DeclaredField.objects.filter(active=True).count() >= MOST:
        raise DefinitionStageRefused(f"{MOST} fields are declared, the most: withdraw one first")
    row = DeclaredField.objects.create(
        name=name,
        kind=kind,
        unit="flag" if kind == FieldKind.BOOL else unit,
        meaning=meaning,
        author=acting_user.email,
        changed_by=acting_user.email,
    )
    audit("event_field.declared", row, acting_user, request_id, after={"kind": kind, "unit": row.unit})
    tell_processes(*ENGINES_OF_TRANSACTIONS)
    return row


@transaction.atomic
def change_field(
    row: DeclaredField,
    *,
    seen: int,
    acting_user: User,
    meaning: str | None = None,
    active: bool | None = None,
    request_id: str = "",
) -> DeclaredField:
    """Reword what it means, withdraw it or take it again. Raises DefinitionInUse naming what reads it."""
    for engine in ENGINES_OF_TRANSACTIONS:
        hold(engine)
    row = DeclaredField.objects.get(pk=row.pk)
    if row.revision != seen:
        raise DefinitionConflict(row)
    before = {"meaning": row.meaning, "active": row.active}
    if active is False and row.active and (readers := _readers(row)):
        raise DefinitionInUse(f"field {row}", readers, "change or retire them first")
    if meaning is not None:
        row.meaning = _text("meaning", meaning, 300) or row.meaning
    if active is not None:
        row.active = active
    after = {"meaning": row.meaning, "active": row.active}
    changed(row, acting_user)
    audit("event_field.changed", row, acting_user, request_id, before=before, after=after)
    tell_processes(*ENGINES_OF_TRANSACTIONS)
    return row


def _readers(row: DeclaredField) -> list[str]:
    column = FIELD_PREFIX + row.name
    found = [who for engine in ENGINES_OF_TRANSACTIONS for who in readers_by_name(engine, [column])[column]]
    return found + definitions_reading(column)


def _text(part: str, value: str, most: int) -> str:
    value = value.strip() if isinstance(value, str) else ""
    if len(value) > most or not value.isprintable():
        detail = f"must be one line of at most {most} printable characters"
        raise DefinitionRefused.of(part, "too_long", detail)
    return value
