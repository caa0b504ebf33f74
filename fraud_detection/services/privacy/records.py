"""Removing old cases, alerts and events: what refers to them first, in batches, holds kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from alerts.models import (
    Alert,
    AlertStatus,
    Case,
    CaseAlert,
    CaseComment,
    CaseFile,
    CaseNarrative,
    CaseReport,
    CaseStatus,
    CaseTask,
)
from alerts.services.cases.filing import path_of
from fraud_detection.models import (
    Assessment,
    DeepSearch,
    Rescoring,
    ReviewRequest,
    ReviewState,
    RuleHit,
    ShadowHit,
)
from fraud_detection.services.privacy.holding import standing_reports
from transactions.models import (
    CreditApplication,
    InsuranceClaim,
    Label,
    MarketEvent,
    MarketPattern,
    StatusChange,
    Transaction,
)

BATCH = 1_000


def delete_by_key(found: QuerySet) -> int:
    """Delete rows that nothing refers to, a batch a transaction."""
    count = 0
    while keys := list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        count += found.model.objects.filter(pk__in=keys).delete()[0]
    return count


def expired_cases(before: datetime) -> QuerySet[Case]:
    """Closed before then, with no report that must still be kept; a case that took others over goes last."""
    held = CaseReport.objects.filter(standing_reports(timezone.now()), case=OuterRef("pk"))
    others = Case.objects.filter(merged_into=OuterRef("pk"))
    closed = Case.objects.filter(status=CaseStatus.CLOSED, closed_at__lt=before)
    return closed.exclude(Exists(held)).exclude(Exists(others))


def purge_cases(before: datetime) -> int:
    return _each_batch(expired_cases(before), _remove_cases)


def _remove_cases(keys: list[int]) -> None:
    files = list(CaseFile.objects.filter(case__in=keys).values_list("stored", flat=True))
    CaseComment.objects.filter(case__in=keys).update(corrects=None)
    for model in (CaseTask, CaseComment, CaseFile, CaseNarrative, CaseReport, CaseAlert):
        model.objects.filter(case__in=keys).delete()
    Case.objects.filter(pk__in=keys).delete()
    transaction.on_commit(lambda: [path_of(stored).unlink(missing_ok=True) for stored in files])


def expired_alerts(before: datetime) -> QuerySet[Alert]:
    """Closed before then, in no case that is kept, named by no duplicate, without an open review."""
    kept = (
        CaseAlert.objects.filter(alert=OuterRef("pk")),
        Alert.objects.filter(duplicate_of=OuterRef("pk")),
        ReviewRequest.objects.filter(alert=OuterRef("pk"), state=ReviewState.OPEN),
    )
    found = Alert.objects.filter(status=AlertStatus.RESOLVED, resolved_at__lt=before)
    for held in kept:
        found = found.exclude(Exists(held))
    return found


def purge_alerts(before: datetime) -> int:
    return _each_batch(expired_alerts(before), _remove_alerts)


def _remove_alerts(keys: list[int]) -> None:
    RuleHit.objects.filter(alert__in=keys).update(alert=None)
    ReviewRequest.objects.filter(alert__in=keys).update(alert=None)
    Alert.objects.filter(pk__in=keys).delete()


def expired_payments(before: datetime) -> QuerySet[Transaction]:
    """Payments that happened before then; see `_free`."""
    return _free(Transaction, "transaction", before)


def purge_events(before: datetime) -> int:
    """Events of every engine; the later version of a corrected one goes with or after the earlier."""
    removals = (
        (Transaction, "transaction", _remove_payments),
        (CreditApplication, "application", _removing(CreditApplication, "application")),
        (InsuranceClaim, "claim", _removing(InsuranceClaim, "claim")),
        (MarketEvent, "market_event", _remove_orders),
    )
    return sum(_each_batch(_free(model, link, before), remove) for model, link, remove in removals)


def _free(model: type[Model], link: str, before: datetime) -> QuerySet:
    """Events that no alert, review or investigation holds."""
    alerting = RuleHit.objects.filter(**{f"assessment__{link}": OuterRef("pk")}, alert__isnull=False)
    reviewed = ReviewRequest.objects.filter(**{f"assessment__{link}": OuterRef("pk")}, state=ReviewState.OPEN)
    reported = Case.objects.filter(
        Q(alerts__customer=OuterRef("customer")) | Q(customer=OuterRef("customer")),
        ~Q(status=CaseStatus.CLOSED) | standing_reports(timezone.now(), "reports__"),
    )
    found = model.objects.filter(occurred_at__lt=before)
    if model is Transaction:  # a version points at the one that took its place: they go oldest first
        earlier = Transaction.objects.filter(superseded_by=OuterRef("pk"), occurred_at__gte=before)
        found = found.exclude(Exists(earlier))
    for reason in (alerting, reviewed, reported):
        found = found.exclude(Exists(reason))
    return found


def _remove_payments(keys: list[int]) -> None:
    for model in (Label, StatusChange):
        model.objects.filter(transaction__in=keys).delete()
    DeepSearch.objects.filter(event__in=keys).delete()
    _remove_decisions("transaction", keys)
    Transaction.objects.filter(pk__in=keys).delete()


def _remove_orders(keys: list[int]) -> None:
    MarketPattern.objects.filter(Q(event__in=keys) | Q(other__in=keys)).delete()
    _remove_decisions("market_event", keys)
    MarketEvent.objects.filter(pk__in=keys).delete()


def _removing(model: type[Model], link: str):
    def remove(keys: list[int]) -> None:
        _remove_decisions(link, keys)
        model.objects.filter(pk__in=keys).delete()

    return remove


def _remove_decisions(link: str, keys: list[int]) -> None:
    decided = list(Assessment.objects.filter(**{f"{link}__in": keys}).values_list("pk", flat=True))
    for model in (RuleHit, ShadowHit, Rescoring, ReviewRequest):
        model.objects.filter(assessment__in=decided).delete()
    Assessment.objects.filter(pk__in=decided).delete()


def _each_batch(found: QuerySet, remove) -> int:
    count = 0
    while True:
        with transaction.atomic():
            keys = list(found.order_by("pk").values_list("pk", flat=True)[:BATCH])
            if not keys:
                return count
            remove(keys)
        count += len(keys)
