"""Raising alerts with the decision that caused them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection
from django.utils import timezone

from alerts.models import Severity
from alerts.services.due import SHIPPED_MINUTES

WAKING_HITS = 3  # a snoozed alert is back from so many new hits on, or when its severity rises
RANK = "array_position(array['low', 'medium', 'high', 'critical'], {}::text)"
LARGEST = 2**63 - 1  # of a bigint; a sum beyond it stands at it, and the alert is raised all the same
# One statement, in the order given, whatever the number; rows of values are planned faster than arrays.
INSERT = """
    insert into alerts_alert as a
        (engine, family, subject_kind, subject, customer_id, severity, risk_score, amount_minor, reason, rule,
         hit_count, version, opened_at, last_hit_at, due_at, told_severity, status, disposition, note)
    values """
ROW = """
    (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
     %s + coalesce((select minutes from alerts_duepolicy where severity = %s), %s) * interval '1 minute',
     %s, 'open', '', '')"""
ON_CONFLICT = f"""
    on conflict (engine, family, subject_kind, subject) where status = 'open' do update set
        hit_count = a.hit_count + excluded.hit_count,
        amount_minor = least(a.amount_minor::numeric + excluded.amount_minor, {LARGEST}),
        last_hit_at = greatest(a.last_hit_at, excluded.last_hit_at),
        due_at = least(a.due_at, coalesce(excluded.opened_at + interval '1 minute' * (
            select (q.due_minutes ->> excluded.severity)::int from alerts_queue q where q.id = a.queue_id
        ), excluded.due_at)),
        reason = case when excluded.risk_score >= a.risk_score then excluded.reason else a.reason end,
        rule = case when excluded.risk_score >= a.risk_score then excluded.rule else a.rule end,
        risk_score = greatest(a.risk_score, excluded.risk_score),
        severity = case when {RANK.format("excluded.severity")} > {RANK.format("a.severity")}
                        then excluded.severity else a.severity end,
        snoozed_until = case when {RANK.format("excluded.severity")} > {RANK.format("a.severity")}
                               or a.hit_count + excluded.hit_count - a.snoozed_hits >= {WAKING_HITS}
                             then null else a.snoozed_until end,
        version = a.version + excluded.version
    returning a.engine, a.family, a.subject_kind, a.subject, a.id, a.version
"""
# Every alerting decision waits for this: it goes past the models, which take longer than the row.
TELL = """
    insert into alerts_outboxmessage (topic, payload, created_at, next_attempt_at, attempts, dead_reason)
    values """
TOLD = "(%s, %s, %s, %s, 0, '')"
Key = tuple[str, str, str, str]


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

    @property
    def key(self) -> Key:
        return self.engine, self.family, self.subject_kind, self.subject


def raise_alerts(suspicions: Sequence[Suspicion], *, at: datetime) -> list[int]:
    """One open alert per suspicion, made or appended to; their ids, in the order given.

    Rows are taken in key order, so that two decisions about the same subjects cannot deadlock. Several
    suspicions about one subject count as if they came one after the other.
    """
    if not suspicions:
        return []
    groups = [list(group) for _, group in groupby(sorted(suspicions, key=lambda s: s.key), lambda s: s.key)]
    statement = INSERT + ",".join([ROW] * len(groups)) + ON_CONFLICT
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for group in groups for value in _row(group, at)])
        stored: dict[Key, tuple[int, int]] = {tuple(row[:4]): (row[4], row[5]) for row in cursor.fetchall()}
    _tell(groups, stored, at)
    return [stored[suspicion.key][0] for suspicion in suspicions]


def _row(group: list[Suspicion], at: datetime) -> tuple:
    """One ROW for suspicions about one subject: sums, and the gravest reason, the later of equal ones."""
    gravest = max(enumerate(group), key=lambda place: (place[1].risk_score, place[0]))[1]
    severity = max((Severity(suspicion.severity) for suspicion in group), key=lambda s: s.rank)
    return (
        *gravest.key, group[0].customer_id, severity.value, gravest.risk_score,
        min(sum(suspicion.amount_minor for suspicion in group), LARGEST),
        gravest.reason[:500], gravest.rule, sum(suspicion.hits for suspicion in group), len(group),
        at, at, at, severity.value, SHIPPED_MINUTES[severity], severity.value,
    )  # fmt: skip


def _tell(groups: list[list[Suspicion]], stored: dict[Key, tuple[int, int]], at: datetime) -> None:
    """A new row's version is the number of suspicions that made it; the first of them opened it."""
    now = timezone.now()
    told = [
        (
            "alert.created" if place == 0 and version == len(group) else "alert.hit",
            json.dumps(_payload(alert_id, suspicion, at)),
            now,
            now,
        )
        for group in groups
        for alert_id, version in [stored[group[0].key]]
        for place, suspicion in enumerate(group)
    ]
    with connection.cursor() as cursor:
        cursor.execute(TELL + ", ".join([TOLD] * len(told)), [value for row in told for value in row])


def _payload(alert_id: int, suspicion: Suspicion, at: datetime) -> dict:
    return {
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
