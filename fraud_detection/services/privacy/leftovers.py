"""What an erasure changes beside the rows of events, decisions and cases: each can be done twice.

Tables of texts that no column ties to a customer are searched once for the customer's ids, names and
e-mail addresses, and what holds one of them is rewritten as a whole.
"""

import json
import shutil
from collections.abc import Iterable

import redis
import structlog
from django.conf import settings
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from alerts.models import (
    CaseFile,
    DeliveryAttempt,
    Notification,
    NotificationDelivery,
    OutboxMessage,
    SystemAlert,
)
from alerts.services.cases.filing import path_of
from fraud_detection.models import ListEntry, RuleSnooze, StreamDeadLetter
from fraud_detection.services.listing.changes import note_change
from fraud_detection.services.privacy.events import owner_symbol_key
from fraud_detection.services.privacy.scope import Scope
from fraud_detection.services.privacy.sections import Subject
from fraud_detection.services.streaming.forgetting import forget_told
from logs.activity import STREAM, client
from logs.models import SystemEvent
from logs.services.calls.writing import forget_values
from logs.services.personal import about_row, forget_subjects
from transactions.models import MarketAccountDay, MarketEvent, MarketPattern

ROWS = 500
log = structlog.get_logger(__name__)
TOLD: tuple[tuple[type[Model], tuple[str, ...], tuple[str, ...]], ...] = (
    (OutboxMessage, ("dead_reason",), ("payload",)),
    (NotificationDelivery, ("subject", "body"), ("tally",)),
    (Notification, ("title",), ("tally",)),
    (DeliveryAttempt, ("error", "response"), ()),
    (SystemAlert, ("message",), ()),
    (SystemEvent, ("text",), ("detail",)),
)


def market_counts(scope: Scope) -> int:
    """Days and patterns of an owner follow the events; those of a group of accounts too."""
    own = MarketEvent.objects.filter(customer=scope.customer_id).order_by()
    changed = 0
    for symbol, trader, group in own.values_list("symbol", "trader_id", "owner_group").distinct():
        kind, owner = ("group", group) if group else ("id", trader)
        old = owner_symbol_key(symbol, owner)
        new = owner_symbol_key(symbol, scope.pseudonyms.of(kind, owner))
        for model in (MarketAccountDay, MarketPattern):
            changed += model.objects.filter(owner_symbol_key=old).update(owner_symbol_key=new)
    return changed


def case_files(scope: Scope) -> int:
    """Attachments of the customer's cases leave the disk; their rows say that there was one."""
    files = list(CaseFile.objects.filter(case__in=Subject(scope.request.customer).cases))
    for file in files:
        path_of(file.stored).unlink(missing_ok=True)
    return CaseFile.objects.filter(pk__in=[file.pk for file in files]).update(name="erased")


def list_entries(scope: Scope) -> int:
    """Entries about the customer name the pseudonym: who comes under the old id is on no list."""
    changed = 0
    for values in _chunks(scope.values):
        for entry in ListEntry.objects.select_for_update().filter(value__in=values):
            entry.value = scope.pseudonyms.of(scope.values[entry.value], entry.value)
            entry.reason = scope.pseudonyms.text(entry.reason)
            entry.save(update_fields=["value", "reason"])
            note_change(entry.list, ranges=False)
            forget_subjects([about_row("list_entry", entry.pk)])
            changed += 1
    return changed


def snoozes(scope: Scope) -> int:
    changed = 0
    for values in _chunks(scope.values):
        for snooze in RuleSnooze.objects.select_for_update().filter(subject__in=values):
            snooze.subject = scope.pseudonyms.of(scope.values[snooze.subject], snooze.subject)
            snooze.reason = scope.pseudonyms.text(snooze.reason)
            snooze.save(update_fields=["subject", "reason"])
            forget_subjects([about_row("rule_snooze", snooze.pk)])
            changed += 1
    return changed


def messages(scope: Scope) -> int:
    """Webhook payloads, notifications, answers of receivers, system messages."""
    return sum(_rewrite(model, texts, jsons, scope) for model, texts, jsons in TOLD)


def _rewrite(model: type[Model], texts: tuple[str, ...], jsons: tuple[str, ...], scope: Scope) -> int:
    wanted = Q()
    for column in texts:
        for value in scope.searched:
            wanted |= Q(**{f"{column}__icontains": value})
    found = model.objects.annotate(**{f"{name}_text": Cast(name, TextField()) for name in jsons})
    for column in jsons:
        for value in scope.searched:
            wanted |= Q(**{f"{column}_text__icontains": value})
    changed = 0
    for row in found.filter(wanted).select_for_update().iterator(chunk_size=ROWS):
        for name in texts:
            setattr(row, name, scope.pseudonyms.text(getattr(row, name)))
        for name in jsons:
            setattr(row, name, scope.pseudonyms.json(getattr(row, name)))
        row.save(update_fields=[*texts, *jsons])
        changed += 1
    return changed


def calls(scope: Scope) -> int:
    """Bodies and paths of logged calls that named the customer."""
    return forget_values(scope.searched)


def dead_letters(scope: Scope) -> int:
    """Messages of streams that could not be decided: their bytes go, what went wrong stays."""
    sought = {form.lower() for value in scope.searched for form in (value, _as_json(value))}

    def holds(body: bytes) -> bool:
        lowered = body.decode("utf-8", "replace").lower()
        return any(form in lowered for form in sought)

    changed = 0
    for letter in StreamDeadLetter.objects.order_by("pk").iterator(chunk_size=ROWS):
        if holds(bytes(letter.body)) or holds(letter.detail.encode()):
            letter.body, letter.detail = b"", scope.pseudonyms.text(letter.detail)
            letter.save(update_fields=["body", "detail"])
            changed += 1
    forget_told(holds)
    return changed


def _as_json(value: str) -> str:
    """As producers write it who escape what is not ASCII, and as letters are kept that held a secret."""
    return json.dumps(value)[1:-1]


def copies(scope: Scope) -> int:
    """Copies that are made anew when they are wanted: columns for backtests, and the newest decisions."""
    shutil.rmtree(settings.BACKTEST_DIR, ignore_errors=True)
    try:
        client().xtrim(STREAM, maxlen=0)
    except redis.RedisError as error:  # it holds 2,000 entries, and none of them for long
        log.warning("activity_not_trimmed", error=str(error))
    return 0


def audit_key(scope: Scope) -> int:
    """What the trail says of the customer, and of cases and alerts of theirs that name no customer."""
    subject = Subject(scope.request.customer)
    rows = {"case": subject.cases, "alert": subject.alerts}
    own = [about_row(kind, key) for kind, keys in rows.items() for key in keys]
    return forget_subjects([scope.customer_id, *own])


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    every = list(values)
    return (every[start : start + ROWS] for start in range(0, len(every), ROWS))
