"""Far more alerts than usual: the last hour against the same hour of past days, by median and spread."""

import statistics
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from alerts.services.watching.finding import Finding

DAYS = 14
ENOUGH_DAYS = 5
FEWEST = 20  # alerts in an hour below which nothing is a spike
TIMES = 3.0
SPREADS = 6.0
BEYOND = 1.5
COUNTS = """
    select day, (select count(*) from alerts_alert
                 where opened_at > %(now)s - interval '1 hour' - day * interval '1 day'
                   and opened_at <= %(now)s - day * interval '1 day')
    from generate_series(0, %(days)s) day order by day
"""
FIRST = "select min(opened_at) from alerts_alert"


def volume(now: datetime) -> Iterator[Finding]:
    """One finding on the number of alerts raised in the last hour."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"now": now, "days": DAYS})
        current, *past = (count for _, count in cursor.fetchall())
        cursor.execute(FIRST)
        first = cursor.fetchone()[0]
    days = min(DAYS, (now - first).days) if first else 0
    yield judge(current, past[:days])


def judge(current: int, past: list[int]) -> Finding:
    """`past`: the same hour on each day before. Too few days or alerts are never a spike."""
    kind, well = "alerts.volume", f"{current:,} alerts in the last hour"
    if len(past) < ENOUGH_DAYS:
        return Finding(kind, "", well)
    usual = statistics.median(past)
    spread = 1.4826 * statistics.median(abs(count - usual) for count in past)
    # Counts scatter by the root of their size at least, however alike the days were.
    # Weekdays and Sundays differ: the second highest day counts too, a single wild one does not.
    high = sorted(past)[-2]
    limit = max(FEWEST, TIMES * usual, usual + SPREADS * max(spread, usual**0.5), BEYOND * high)
    figures = (
        f"{current:,} alerts in the last hour; the same hour of the last {len(past)} days had"
        f" {usual:,.0f} as a rule, {max(past):,} at most; told from {limit:,.0f}"
    )
    return Finding(kind, figures if current >= limit else "", figures, "high", "alerts")
