"""Masking card numbers in rows that were stored before they were masked on their way in."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from fraud_detection.services.privacy.rewriting import rewrite
from logs.models import AuditEvent
from logs.redacting.fields import CardSafe
from ml.domains.payments.schema import KEYS
from ml.features.keys import entity_key
from transactions.models import Label, StatusChange, Transaction

OURS = ("users", "transactions", "alerts", "logs", "fraud_detection")
BATCH = 1_000


def mask_stored(*, dry_run: bool = False) -> Iterator[tuple[str, int]]:
    """(table, rows that held one) of every table with card-safe columns, a batch a transaction.

    The audit trail is append-only and stays as it is: it holds ids. Integer keys of payments, and of what is
    known about them, follow their texts.
    """
    for model in apps.get_models():
        columns = [field.name for field in model._meta.local_concrete_fields if isinstance(field, CardSafe)]
        if model._meta.app_label in OURS and columns and model is not AuditEvent:
            yield model._meta.label, _masked(model, columns, dry_run)


def _masked(model: type[Model], columns: list[str], dry_run: bool) -> int:
    key, last, count = model._meta.pk.attname, None, 0
    while True:
        with transaction.atomic():
            rows = model.objects.order_by("pk").only(*columns, *_beside(model))
            rows = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
            changes = [(row.pk, change) for row in rows if (change := _change(model, row, columns))]
            count += len(changes)
            if not dry_run:
                _store(model, changes)
        if len(rows) < BATCH:
            return count
        last = getattr(rows[-1], key)


def _beside(model: type[Model]) -> tuple[str, ...]:
    return tuple(field for _, field in KEYS.values()) if model is Transaction else ()


def _change(model: type[Model], row: Model, columns: list[str]) -> dict[str, Any] | None:
    """All card-safe columns when one of them changes: a batch names the same columns in every row."""
    old = {name: getattr(row, name) for name in columns}
    new = {name: model._meta.get_field(name).masked(value) for name, value in old.items()}
    if all(new[name] == old[name] for name in columns):
        return None
    if model is Transaction:
        texts = {field: new.get(field, getattr(row, field)) for _, field in KEYS.values()}
        new |= {
            name: entity_key(kind, texts[field]) if texts[field] is not None else None
            for name, (kind, field) in KEYS.items()
        }
        merchant = new["merchant_id"]
        new["merchant_key"] = entity_key("merchant", merchant) if merchant is not None else None
    return new


def _store(model: type[Model], changes: list[tuple[int, dict[str, Any]]]) -> None:
    rewrite(model, changes)
    if model is Transaction and changes:
        _follow([key for key, _ in changes])


def _follow(keys: list[int]) -> None:
    """Labels and statuses count under the keys of their events."""
    wanted = (
        (Label, ("receiver", "device", "ip", "merchant")),
        (StatusChange, ("sender", "card", "device", "ip")),
    )
    for model, entities in wanted:
        names = [f"{entity}_key" for entity in entities]
        rows = model.objects.filter(transaction__in=keys).select_related("transaction")
        rewrite(model, [(row.pk, {name: getattr(row.transaction, name) for name in names}) for row in rows])
