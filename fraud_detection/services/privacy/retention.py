"""Forgetting in time: how long each class of data is kept, what has expired, and removing it.

Classes are gone through in an order in which nothing refers to what was removed: cases before their alerts,
alerts before the events that raised them. What a report or an open case holds is kept whatever its age.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone

from alerts.models import NotificationDelivery, WebhookDelivery
from alerts.services.delivering.purging import DONE, purge_deliveries
from fraud_detection.models import Backtest, BatchJob, ScheduleRun
from fraud_detection.models.jobs import ENDED
from fraud_detection.services.backtesting.tending import forget_old
from fraud_detection.services.jobs.tending import purge_jobs
from fraud_detection.services.privacy import records
from fraud_detection.services.schedules.ticking import purge_runs
from fraud_detection.services.streaming.forgetting import purge_letters, settled_letters
from logs.models import ApiCall, AuditEvent, IdempotentCall, SystemEvent
from logs.services import idempotency, record
from logs.services.audit_retention import purge_audit
from logs.services.calls.writing import purge_calls

DAY = timedelta(days=1)


class DataClass(NamedTuple):
    """`setting` names the days; `expired` finds what is older than a moment, `purge` removes it.

    A class without a setting is kept for `days`.
    """

    name: str
    label: str
    setting: str | None
    expired: Callable[[datetime], QuerySet]
    purge: Callable[[datetime, datetime], int]  # (before, now)
    days: int = 0

    @property
    def kept_days(self) -> int:
        """0: for ever."""
        return getattr(settings, self.setting) if self.setting else self.days

    def before(self, now: datetime) -> datetime | None:
        return now - self.kept_days * DAY if self.kept_days else None


class Standing(NamedTuple):
    """One line of the retention table: what would go now."""

    name: str
    label: str
    setting: str | None
    kept_days: int
    expired: int


def _sessions(before: datetime, now: datetime) -> int:
    expired = Session.objects.filter(expire_date__lt=now).count()
    call_command("clearsessions")
    return expired


def _system_events(before: datetime, now: datetime) -> int:
    return records.delete_by_key(SystemEvent.objects.filter(at__lt=before))


def _ended(before: datetime) -> QuerySet:
    return BatchJob.objects.filter(state__in=ENDED, ended_at__lt=before, files_removed_at__isnull=True)


CLASSES: tuple[DataClass, ...] = (
    DataClass(
        "sessions",
        "Sessions of people",
        None,
        lambda b: Session.objects.filter(expire_date__lt=b + DAY),
        _sessions,
        1,
    ),
    DataClass(
        "idempotent_calls",
        "Answers to idempotent calls",
        None,
        lambda b: IdempotentCall.objects.filter(started_at__lt=b),
        lambda b, now: idempotency.purge_calls(now),
        1,
    ),
    DataClass(
        "calls",
        "Log of API calls",
        "CALL_LOG_DAYS",
        lambda b: ApiCall.objects.filter(at__lt=b),
        lambda b, now: purge_calls(b),
    ),
    DataClass(
        "system_events",
        "System events",
        "SYSTEM_EVENT_DAYS",
        lambda b: SystemEvent.objects.filter(at__lt=b),
        _system_events,
    ),
    DataClass(
        "deliveries",
        "Webhook deliveries and outbox",
        "DELIVERY_RETENTION_DAYS",
        lambda b: WebhookDelivery.objects.filter(state__in=DONE, created_at__lt=b, next_attempt_at__lt=b),
        lambda b, now: purge_deliveries(now),
    ),
    DataClass(
        "notifications",
        "Notifications",
        "DELIVERY_RETENTION_DAYS",
        lambda b: NotificationDelivery.objects.filter(
            state__in=DONE, created_at__lt=b, next_attempt_at__lt=b
        ),
        lambda b, now: 0,
    ),
    DataClass(
        "letters",
        "Dead letters of streams, settled",
        "DELIVERY_RETENTION_DAYS",
        settled_letters,
        lambda b, now: purge_letters(b),
    ),
    DataClass("job_files", "Files of batch jobs", "BATCH_KEEP_DAYS", _ended, lambda b, now: purge_jobs(now)),
    DataClass(
        "rescorings",
        "Runs that scored again",
        "RESCORE_KEEP_DAYS",
        lambda b: ScheduleRun.objects.filter(ended_at__lt=b),
        lambda b, now: purge_runs(now),
    ),
    DataClass(
        "backtests",
        "Backtests",
        "BACKTEST_KEPT_DAYS",
        lambda b: Backtest.objects.filter(ended_at__lt=b),
        lambda b, now: forget_old(now),
    ),
    DataClass(
        "cases",
        "Closed cases",
        "RETENTION_CASES_DAYS",
        records.expired_cases,
        lambda b, now: records.purge_cases(b),
    ),
    DataClass(
        "alerts",
        "Closed alerts",
        "RETENTION_ALERTS_DAYS",
        records.expired_alerts,
        lambda b, now: records.purge_alerts(b),
    ),
    DataClass(
        "events",
        "Events with decisions, labels, statuses",
        "RETENTION_EVENTS_DAYS",
        records.expired_payments,
        lambda b, now: records.purge_events(b),
    ),
    DataClass(
        "audit",
        "Audit trail",
        "RETENTION_AUDIT_DAYS",
        lambda b: AuditEvent.objects.filter(at__lt=b),
        lambda b, now: purge_audit(b),
    ),
)
BY_NAME = {each.name: each for each in CLASSES}


class UnknownClass(ValueError):
    """There is no class of data of this name."""


def retention_table(now: datetime) -> list[Standing]:
    """How long each class is kept, and how much of it has expired."""
    return [
        Standing(each.name, each.label, each.setting, each.kept_days, _count(each, now)) for each in CLASSES
    ]


def purge_expired(
    *, now: datetime | None = None, only: str | None = None, dry_run: bool = False, acting: str = "system"
) -> dict[str, int]:
    """Remove what has expired, class by class; how many rows of each. `dry_run` only counts.

    Raises UnknownClass.
    """
    if only is not None and only not in BY_NAME:
        raise UnknownClass(f"there is no class '{only[:40]}'; one of {', '.join(BY_NAME)}")
    now = now or timezone.now()
    chosen = [each for each in CLASSES if only in (None, each.name)]
    if dry_run:
        return {each.name: _count(each, now) for each in chosen}
    removed = {each.name: each.purge(before, now) for each in chosen if (before := each.before(now))}
    if any(removed.values()):
        record(
            "retention.purged",
            actor_kind="system",
            actor=acting,
            subject_kind="retention",
            subject=only or "all",
            after={name: count for name, count in removed.items() if count},
        )
    return removed


def _count(each: DataClass, now: datetime) -> int:
    before = each.before(now)
    return each.expired(before).count() if before else 0
