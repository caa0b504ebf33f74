"""What became of an engine's decisions, as far as it was known at a moment.

Chargebacks come weeks later. So decisions are shown by age, and only those older than
LABEL_MATURITY_DAYS count as settled: until then what is known is a lower bound of the frauds. Approved
events without a label count as legitimate (so far); stopped ones without a label tell nothing, for what
was not let through cannot be charged back, and are left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from fraud_detection.services.monitoring.sampling import Scored, sampled_scores
from ml.monitoring.outcomes import calibration, share

WEEKS = 26
Figures = dict[str, Any]
# The newest label known at the moment says what an event is; one that was withdrawn says nothing.
VERDICTS = """
    select transaction_id, verdict = 'fraud' as fraud from (
        select distinct on (transaction_id) transaction_id, verdict
        from transactions_label where known_at <= %(as_of)s {which}
        order by transaction_id, id desc
    ) newest where verdict <> 'withdrawn'
"""
WEEK = "date_trunc('week', decided_at at time zone 'UTC')::date"
DECISIONS = f"""
    select {WEEK}, count(*), count(*) filter (where decision <> 'approve')
    from fraud_detection_assessment
    where engine = %(engine)s and decided_at >= %(since)s and decided_at < %(as_of)s group by 1 order by 1
"""
LABELLED = f"""
    with v as ({VERDICTS.format(which="")})
    select {WEEK}, decision <> 'approve', released, count(*), count(*) filter (where fraud)
    from fraud_detection_assessment a join v on v.transaction_id = a.transaction_id
    where engine = %(engine)s and decided_at >= %(since)s and decided_at < %(as_of)s group by 1, 2, 3
"""


def weekly(engine: str, as_of: datetime) -> list[Figures]:
    """Decisions by the week they were made in (from Monday, UTC), oldest first, for half a year.

    {"week", "decisions", "stopped", "labelled", "fraud", "maturity" 0-1, "precision": of stopped ones that
    are labelled, "released": of events released at random, how many were fraud}
    """
    since = monday(as_of) - timedelta(weeks=WEEKS - 1)
    within = {"engine": engine, "since": since, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(DECISIONS, within)
        made = cursor.fetchall()
        cursor.execute(LABELLED, within)
        known: dict[Any, list[tuple]] = defaultdict(list)
        for week, *row in cursor.fetchall():
            known[week].append(tuple(row))
    return [_week(week, n, stopped, known[week], as_of) for week, n, stopped in made]


def _week(week: Any, decisions: int, stopped: int, known: Sequence[tuple], as_of: datetime) -> Figures:
    of_stopped = [(n, fraud) for was_stopped, _, n, fraud in known if was_stopped]
    of_released = [(n, fraud) for _, released, n, fraud in known if released]
    end = datetime(week.year, week.month, week.day, tzinfo=as_of.tzinfo) + timedelta(days=7)
    return {
        "week": week.isoformat(),
        "decisions": decisions,
        "stopped": stopped,
        "labelled": sum(n for _, _, n, _ in known),
        "fraud": sum(fraud for *_, fraud in known),
        "maturity": maturity(end, as_of),
        "precision": _share(of_stopped),
        "released": _share(of_released),
    }


def _share(counts: Sequence[tuple[int, int]]) -> Figures:
    return share(sum(fraud for _, fraud in counts), sum(n for n, _ in counts)).as_json()


def maturity(decided: datetime, as_of: datetime) -> float:
    """How much of the time that labels take has passed, 0-1."""
    return round(min(max((as_of - decided).days / settings.LABEL_MATURITY_DAYS, 0.0), 1.0), 3)


def monday(at: datetime) -> datetime:
    """The first moment of its week, UTC."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=at.weekday())


def calibration_figures(engine: str, as_of: datetime) -> dict[str, list[Figures]]:
    """Predicted against observed by age of the decision, youngest first, by model version.

    [{"from_days", "until_days", "settled", "n", "predicted", "observed", "ratio", "deciles", ...}]
    """
    found: dict[str, list[Figures]] = defaultdict(list)
    for youngest, oldest in ages():
        until, since = as_of - timedelta(days=youngest), as_of - timedelta(days=oldest)
        sample = [row for row in sampled_scores(engine, since, until) if row.probability is not None]
        fraud = verdicts([row.transaction_id for row in sample], as_of)
        for version in sorted({row.model_version for row in sample}):
            figures = _calibrated([row for row in sample if row.model_version == version], fraud)
            settled = youngest >= settings.LABEL_MATURITY_DAYS
            found[version].append(
                {"from_days": youngest, "until_days": oldest, "settled": settled, **figures}
            )
    return dict(found)


def ages() -> list[tuple[int, int]]:
    """Thirds of the time to maturity, and as long again after it, in days."""
    whole = settings.LABEL_MATURITY_DAYS
    cuts = [0, -(-whole // 3), -(-2 * whole // 3), whole, 2 * whole]
    return list(pairwise(cuts))


def verdicts(transactions: Sequence[int | None], as_of: datetime) -> dict[int, bool]:
    """Fraud or not, of those events whose label was known at the moment."""
    ids = [pk for pk in transactions if pk is not None]
    statement = VERDICTS.format(which="and transaction_id = any(%(ids)s)")
    with connection.cursor() as cursor:
        cursor.execute(statement, {"as_of": as_of, "ids": ids})
        return dict(cursor.fetchall())


def _calibrated(rows: Sequence[Scored], fraud: dict[int, bool]) -> Figures:
    told = [row for row in rows if row.approved or row.transaction_id in fraud]
    probability = np.array([row.probability for row in told], dtype=np.float64)
    observed = np.array([fraud.get(row.transaction_id, False) for row in told], dtype=bool)
    labelled = sum(row.transaction_id in fraud for row in told)
    return {"labelled": labelled, "decisions": len(rows), **calibration(probability, observed)}
