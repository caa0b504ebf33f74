"""Closing alerts with a verdict: the verdict becomes a label of their events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from alerts.models import Alert, AlertStatus, CaseAlert, Disposition, OutboxMessage, ReasonCode
from alerts.services.conflicts import UNSTORABLE, DispositionRefused
from alerts.services.holding import whose
from logs.services import record_each
from transactions.models import LabelSource, Verdict
from transactions.services import record_labels
from users.models import User

VERDICTS = {Disposition.CONFIRMED_FRAUD: Verdict.FRAUD, Disposition.FALSE_POSITIVE: Verdict.LEGITIMATE}


@dataclass(frozen=True)
class Closing:
    """A verdict that can be accepted: the reason code and the free note make one note."""

    disposition: str
    note: str
    reason_code: str = ""
    duplicate_of: int | None = None

    @property
    def as_deed(self) -> dict:
        """What the audit trail keeps of it."""
        said = {"disposition": self.disposition, "note": self.note}
        if self.reason_code:
            said["reason_code"] = self.reason_code
        if self.duplicate_of:
            said["duplicate_of"] = self.duplicate_of
        return said


def read_closing(
    *, disposition: str, note: str, reason_code: str = "", duplicate_of: int | None = None
) -> Closing:
    """Check a verdict; raises DispositionRefused naming the field. A code or a note is required."""
    if disposition not in Disposition.values:
        raise DispositionRefused("disposition", f"must be one of {', '.join(Disposition.values)}")
    parts = [_text_of(reason_code, disposition), note.strip()]
    note = ": ".join(part for part in parts if part)
    if not note:
        raise DispositionRefused("note", "a reason is required")
    if len(note) > 4000 or UNSTORABLE.search(note):
        raise DispositionRefused("note", "at most 4,000 characters, without NUL and lone surrogates")
    if disposition == Disposition.DUPLICATE:
        _check_original(duplicate_of)
    elif duplicate_of is not None:
        raise DispositionRefused("duplicate_of", "goes with the verdict duplicate only")
    return Closing(disposition, note, reason_code, duplicate_of)


def _text_of(code: str, disposition: str) -> str:
    if not code:
        return ""
    known = ReasonCode.objects.filter(disposition=disposition, active=True)
    found = None if UNSTORABLE.search(code) else known.filter(code=code).first()
    if found is None:
        codes = ", ".join(known.values_list("code", flat=True)) or "none"
        raise DispositionRefused("reason_code", f"is not a reason for {disposition}; there are: {codes}")
    return found.text


def _check_original(duplicate_of: int | None) -> None:
    if duplicate_of is None:
        raise DispositionRefused("duplicate_of", "name the alert that this one repeats")
    original = Alert.objects.filter(pk=duplicate_of).first() if 0 < duplicate_of < 2**63 else None
    if original is None:
        raise DispositionRefused("duplicate_of", f"there is no A-{duplicate_of}")
    if original.disposition == Disposition.DUPLICATE:
        first = f"A-{original.duplicate_of_id}" if original.duplicate_of_id else "another one"
        raise DispositionRefused(
            "duplicate_of", f"A-{duplicate_of} was closed as a duplicate itself; name {first}"
        )


def needs_case(alerts: Sequence[Alert], closing: Closing) -> dict[int, str]:
    """By alert id, why it cannot be closed by itself: confirmed fraud that its case leaves to two people.

    The callers hold the alerts; the case is read as it stands.
    """
    if closing.disposition != Disposition.CONFIRMED_FRAUD:
        return {}
    held = CaseAlert.objects.filter(alert__in=alerts, held=True).annotate(
        at_stake=Greatest(Sum("case__alerts__amount_minor"), "case__split_from_minor")
    )
    large = held.filter(at_stake__gt=settings.CASE_FOUR_EYES_AMOUNT * 100)
    return {
        row.alert_id: f"A-{row.alert_id} belongs to K-{row.case_id}, whose closing as confirmed fraud needs "
        "a second person; close it with the case."
        for row in large
    }


def close_held(
    alerts: Sequence[Alert], closing: Closing, *, acting_user: User, request_id: str, at: datetime
) -> None:
    """Close alerts that the caller holds and has checked, with audit, labels and what others are told."""
    values = {
        "status": AlertStatus.RESOLVED, "disposition": closing.disposition, "note": closing.note,
        "reason_code": closing.reason_code, "duplicate_of_id": closing.duplicate_of,
        "resolved_at": at, "resolved_by": acting_user, "snoozed_until": None, "snoozed_hits": 0,
    }  # fmt: skip
    ids = [alert.pk for alert in alerts]
    Alert.objects.filter(pk__in=ids).update(**values, version=F("version") + 1)
    for alert in alerts:
        alert.version += 1
        for name, value in values.items():
            setattr(alert, name, value)
    record_each(
        "alert.resolved",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="alert",
        deeds=((alert.pk, closing.as_deed | {"version": alert.version}) for alert in alerts),
        before={"status": "open"},
        request_id=request_id,
        about={alert.pk: whose(alert) for alert in alerts},
    )
    _label(alerts, closing, acting_user, at)
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic="alert.resolved",
            payload={
                "alert_id": alert.pk, "engine": alert.engine, "family": alert.family,
                "severity": alert.severity, "disposition": closing.disposition, "at": at.isoformat(),
            },
        )
        for alert in alerts
    )  # fmt: skip


def events_of(alerts: Sequence[Alert]) -> list[int]:
    """Transactions behind the hits of alerts; engines with events of their own have none."""
    hits = Alert.hits.rel.related_model.objects.filter(
        alert__in=alerts, assessment__transaction__isnull=False
    )
    return list(hits.order_by().values_list("assessment__transaction_id", flat=True).distinct())


def _label(alerts: Sequence[Alert], closing: Closing, user: User, at: datetime) -> None:
    """A verdict on an alert is a verdict on the events that it is made of."""
    verdict = VERDICTS.get(Disposition(closing.disposition))
    if verdict is not None:
        record_labels(
            events_of(alerts),
            verdict=verdict,
            source=LabelSource.ANALYST,
            reason=closing.note[:500],
            recorded_by=user.email,
            known_at=at,
        )
