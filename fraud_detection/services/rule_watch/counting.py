"""Counting what rules did on a day, from the decisions themselves; again whenever it grows."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from fraud_detection.models import Rule, RuleDay, RuleVersion
from transactions.models import Label

EVENTS = """
    select count(*) from fraud_detection_assessment
    where engine = %(engine)s and decided_at >= %(start)s and decided_at < %(end)s
"""
HITS = """
    select h.rule, count(*), count(distinct h.alert_id), sum(a.amount_minor), max(a.decided_at),
           count(v.fraud), count(*) filter (where v.fraud)
    from fraud_detection_assessment a
    join fraud_detection_rulehit h on h.assessment_id = a.id
    left join lateral (
        select nullif(l.verdict, 'withdrawn') = 'fraud' as fraud from transactions_label l
        where l.transaction_id = a.transaction_id order by l.id desc limit 1
    ) v on true
    where a.engine = %(engine)s and a.decided_at >= %(start)s and a.decided_at < %(end)s
      and h.rule_version is not null
    group by h.rule
"""
SHADOWS = """
    select v.rule_id, count(*) from fraud_detection_shadowhit s
    join fraud_detection_ruleversion v on v.id = s.version_id
    join fraud_detection_rule r on r.id = v.rule_id
    where r.engine = %(engine)s and s.decided_at >= %(start)s and s.decided_at < %(end)s
    group by 1
"""
LABELLED_DAYS = """
    select distinct (a.decided_at at time zone %(zone)s)::date
    from transactions_label l join fraud_detection_assessment a on a.transaction_id = l.transaction_id
    where l.id > %(after)s and a.engine = %(engine)s and a.decided_at >= %(oldest)s
"""


def bounds(day: date) -> tuple[datetime, datetime]:
    """[start, end) of a local day."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def labelled_days(engine: str, after: int, oldest: datetime) -> set[date]:
    """The days of decisions about which a label with a larger id became known."""
    found = {"engine": engine, "after": after, "oldest": oldest, "zone": timezone.get_current_timezone_name()}
    with connection.cursor() as cursor:
        cursor.execute(LABELLED_DAYS, found)
        return {row[0] for row in cursor.fetchall()}


def newest_label() -> int:
    """The id of the newest label there is, 0 without any."""
    return Label.objects.order_by("-id").values_list("id", flat=True).first() or 0


@transaction.atomic
def count_days(engine: str, days: Iterable[date]) -> int:
    """Count these days of an engine anew, for each of its rules that has a version; how many days."""
    rules = dict(Rule.objects.filter(engine=engine).values_list("code", "pk"))
    versioned = set(RuleVersion.objects.filter(rule__engine=engine).values_list("rule_id", flat=True))
    counted = 0
    for day in sorted(days):
        rows = _rows_of(engine, day, rules, versioned)
        RuleDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=("rule", "day"),
            update_fields=(
                *("events", "hits", "shadow_hits", "alerts", "labelled", "frauds"),
                *("amount_minor", "last_hit_at"),
            ),
        )
        counted += 1
    return counted


def _rows_of(engine: str, day: date, rules: dict[str, int], versioned: set[int]) -> list[RuleDay]:
    start, end = bounds(day)
    span = {"engine": engine, "start": start, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, span)
        (events,) = cursor.fetchone()
        cursor.execute(HITS, span)
        hits = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(SHADOWS, span)
        shadows = dict(cursor.fetchall())
    return [
        _row(pk, day, events, shadows.get(pk, 0), *hits.get(code, (0, 0, 0, None, 0, 0)))
        for code, pk in sorted(rules.items())
        if pk in versioned and (events or code in hits)
    ]


def _row(rule: int, day: date, events: int, shadow_hits: int, hits, alerts, amount, last, labelled, frauds):
    return RuleDay(
        rule_id=rule,
        day=day,
        events=events,
        hits=hits,
        shadow_hits=shadow_hits,
        alerts=alerts,
        labelled=labelled,
        frauds=frauds,
        amount_minor=int(amount),
        last_hit_at=last,
    )
