"""Raising alerts with the decision that caused them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from alerts.models import OutboxMessage, Severity

DUE_IN = {
    Severity.CRITICAL: timedelta(hours=1),
    Severity.HIGH: timedelta(hours=4),
    Severity.MEDIUM: timedelta(hours=24),
    Severity.LOW: timedelta(hours=72),
}
RANK = "array_position(array['low', 'medium', 'high', 'critical'], {}::text)"
UPSERT = f"""
    insert into alerts_alert as a
        (engine, family, subject_kind, subject, customer_id, severity, status, risk_score, amount_minor,
         reason, rule, hit_count, opened_at, last_hit_at, due_at, disposition, note, version)
    values (%s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s, %s, %s, %s, %s, '', '', 1)
    on conflict (engine, family, subject_kind, subject) where status = 'open' do update set
        hit_count = a.hit_count + excluded.hit_count,
        amount_minor = a.amount_minor + excluded.amount_minor,
        last_hit_at = greatest(a.last_hit_at, excluded.last_hit_at),
        due_at = least(a.due_at, excluded.due_at),
        reason = case when excluded.risk_score >= a.risk_score then excluded.reason else a.reason end,
        rule = case when excluded.risk_score >= a.risk_score then excluded.rule else a.rule end,
        risk_score = greatest(a.risk_score, excluded.risk_score),
        severity = case when {RANK.format("excluded.severity")} > {RANK.format("a.severity")}
                        then excluded.severity else a.severity end,
        version = a.version + 1
    returning a.id, a.version = 1
"""


@dataclass(frozen=True)
class Suspicion:
    """The hits of one rule family on one subject in one event. `amount_minor` is at stake once."""

    engine: str
    family: str
    subject_kind: str
    subject: str
    customer_id: int | None
    severity: str
    risk_score: float
    amount_minor: int
    rule: str
    reason: str
    hits: int


def raise_alerts(suspicions: Sequence[Suspicion], *, at: datetime) -> list[int]:
    """One open alert per suspicion, made or appended to; their ids, in the order given.

    Rows are taken in key order, so that two decisions about the same subjects cannot deadlock.
    """
    ids: dict[int, int] = {}
    order = sorted(range(len(suspicions)), key=lambda i: _key(suspicions[i]))
    with connection.cursor() as cursor:
        for index in order:
            suspicion = suspicions[index]
            cursor.execute(UPSERT, _values(suspicion, at))
            ids[index], created = cursor.fetchone()
            _tell("alert.created" if created else "alert.hit", ids[index], suspicion, at)
    return [ids[index] for index in range(len(suspicions))]


def _key(suspicion: Suspicion) -> tuple[str, str, str, str]:
    return suspicion.engine, suspicion.family, suspicion.subject_kind, suspicion.subject


def _values(suspicion: Suspicion, at: datetime) -> tuple:
    return (
        *_key(suspicion),
        suspicion.customer_id,
        suspicion.severity,
        suspicion.risk_score,
        suspicion.amount_minor,
        suspicion.reason[:500],
        suspicion.rule,
        suspicion.hits,
        at,
        at,
        at + DUE_IN[Severity(suspicion.severity)],
    )


def _tell(topic: str, alert_id: int, suspicion: Suspicion, at: datetime) -> None:
    payload = {
        "alert_id": alert_id,
        "engine": suspicion.engine,
        "family": suspicion.family,
        "subject_kind": suspicion.subject_kind,
        "subject": suspicion.subject,
        "severity": suspicion.severity,
        "risk_score": suspicion.risk_score,
        "rule": suspicion.rule,
        "reason": suspicion.reason,
        "at": at.isoformat(),
    }
    OutboxMessage.objects.create(topic=topic, payload=payload)
