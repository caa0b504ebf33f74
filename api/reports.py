"""Figures over stored decisions, each one bounded SQL statement.

Days are days of the server's time zone, by the moment of the decision. Days that are over do not
change, so their sums are kept in the cache; today is always counted afresh.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import redis
import structlog
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

log = structlog.get_logger(__name__)
DAY_SECONDS = 86_400
STILL_COMMITTING = timedelta(minutes=15)  # a chunk of an import decided before midnight may commit after it
COUNTS = """
    select decision, risk_level, count(*), coalesce(sum(amount_minor), 0)
    from fraud_detection_assessment where decided_at >= %s and decided_at < %s group by 1, 2
"""
Rows = list[tuple[Any, ...]]
BEGINNING = date(1970, 1, 1)


def rows(statement: str, parameters: tuple | dict = ()) -> Rows:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def midnight(day: date) -> datetime:
    """The first moment of a day in the server's time zone."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def counts(first: date, last: date) -> Rows:
    """(decision, level, decisions, amount in minor units) of the days first to last, both included."""
    return rows(COUNTS, (midnight(first), midnight(last + timedelta(days=1))))


def tally(counted: Rows) -> dict[str, Any]:
    """Counts by decision and by level: {total, amount_minor, by_decision, by_level}."""
    by_decision = dict.fromkeys(("approve", "review", "decline"), 0)
    by_level = dict.fromkeys(("low", "medium", "high", "critical"), 0)
    for decision, level, number, _ in counted:
        by_decision[decision] += number
        by_level[level] += number
    return {
        "total": sum(by_decision.values()),
        "amount_minor": int(sum(row[3] for row in counted)),
        "by_decision": by_decision,
        "by_level": by_level,
    }


def today_and_all(today: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tally of today and of everything up to now."""
    now = counts(today, today)
    settled = timezone.now() - midnight(today) > STILL_COMMITTING
    seconds = DAY_SECONDS if settled else 1
    before = kept(f"report:before:{today}", seconds, lambda: counts(BEGINNING, today - timedelta(days=1)))
    return tally(now), tally(now + before)


def kept(key: str, seconds: int, compute: Callable[[], Rows]) -> Rows:
    """The cached value, computed when it is not there; a store that is away only costs time."""
    try:
        found = cache.get(key)
        if found is None:
            found = compute()
            cache.set(key, found, seconds)
        return found
    except redis.RedisError as error:
        log.warning("report_not_cached", key=key, error=str(error))
        return compute()


def trends(first: date, last: date) -> list[dict[str, Any]]:
    """One entry a day, days without decisions included: counts by decision and amounts."""
    found: dict[date, dict[str, tuple[int, int]]] = {}
    for day, decision, number, amount in rows(
        """select (decided_at at time zone %s)::date, decision, count(*), sum(amount_minor)
           from fraud_detection_assessment where decided_at >= %s and decided_at < %s group by 1, 2""",
        (timezone.get_default_timezone_name(), midnight(first), midnight(last + timedelta(days=1))),
    ):
        found.setdefault(day, {})[decision] = (number, int(amount))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [_day(day, found.get(day, {})) for day in days]


def _day(day: date, found: dict[str, tuple[int, int]]) -> dict[str, Any]:
    numbers = {decision: found.get(decision, (0, 0))[0] for decision in ("approve", "review", "decline")}
    stopped = found.get("review", (0, 0))[1] + found.get("decline", (0, 0))[1]
    return {
        "day": day.isoformat(),
        "total": sum(numbers.values()),
        **numbers,
        "amount_minor": sum(amount for _, amount in found.values()),
        "stopped_amount_minor": stopped,
    }


def patterns(since: datetime) -> dict[str, Rows]:
    """Events by type, channel, country and local hour: (value, events, amount, share not approved)."""
    base = """
        select {column}, count(*), sum(t.amount_minor),
               count(*) filter (where a.decision <> 'approve')
        from fraud_detection_assessment a join transactions_transaction t on t.id = a.transaction_id
        where a.decided_at >= %s and a.engine = 'payments' group by 1 order by 2 desc, 1 limit 24
    """
    columns = {"type": "t.type", "channel": "t.channel", "country": "t.country", "hour": "t.local_hour"}
    return {name: rows(base.format(column=column), (since,)) for name, column in columns.items()}


def risk_buckets(since: datetime) -> Rows:
    """(bucket 0..9, decisions): bucket n is a risk score from 10n, 100 in the last."""
    return rows(
        """select least(floor(risk_score / 10)::int, 9), count(*)
           from fraud_detection_assessment where decided_at >= %s group by 1 order by 1""",
        (since,),
    )


def rule_figures(since: datetime) -> Rows:
    """(rule, family, hits, alerts, labelled events, fraud among them) of the decisions since then."""
    return rows(
        """
        select h.rule, min(h.family), count(*), count(distinct h.alert_id),
               count(v.fraud), count(*) filter (where v.fraud)
        from fraud_detection_rulehit h
        join fraud_detection_assessment a on a.id = h.assessment_id
        left join lateral (
            select nullif(l.verdict, 'withdrawn') = 'fraud' as fraud from transactions_label l
            where l.transaction_id = a.transaction_id order by l.id desc limit 1
        ) v on true
        where a.decided_at >= %s and h.rule_version is not null
        group by h.rule order by 3 desc, 1
        """,
        (since,),
    )


def labelled_scores(since: datetime) -> Rows:
    """(model version, suspected, fraud, events) of labelled payments decided since then.

    The newest label of an event says what it is, unless it was withdrawn; `suspected` is what was said when
    it was decided.
    """
    return rows(
        """
        select a.model_version, a.is_fraud, v.fraud, count(*)
        from fraud_detection_assessment a
        join (select distinct on (transaction_id) transaction_id, verdict, verdict = 'fraud' as fraud
              from transactions_label order by transaction_id, id desc) v
          on v.transaction_id = a.transaction_id
        where a.decided_at >= %s and a.engine = 'payments' and v.verdict <> 'withdrawn'
        group by 1, 2, 3 order by 1, 2, 3
        """,
        (since,),
    )
