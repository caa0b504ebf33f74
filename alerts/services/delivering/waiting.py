"""When to try again: exponential with jitter, about 24 hours in all; clocks that move do no harm.

Death is by rounds, not by hours passed: a clock set forward makes everything due, once, and kills nothing.
"""

import random
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Model

FIRST_WAIT = 10  # seconds
LONGEST_WAIT = 3_600
MOST_ROUNDS = 32  # 10 s, 20 s, ... 1 h: 24 hours and a little
SKEW = timedelta(seconds=5)


def wait_after(rounds: int) -> float:
    """Seconds before the next try after so many rounds, a quarter more or less."""
    return min(FIRST_WAIT * 2 ** min(rounds - 1, 20), LONGEST_WAIT) * random.uniform(0.75, 1.25)


def database_now() -> datetime:
    """The database's clock: every worker shares it."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]


def restart_waits(kind: type[Model], now: datetime) -> int:
    """Begin waits anew that were scheduled in the future: the clock was set back. Returns how many."""
    ahead = kind.objects.filter(state__in=("pending", "gathering"), scheduled_at__gt=now + SKEW)
    return ahead.update(next_attempt_at=F("next_attempt_at") - F("scheduled_at") + now, scheduled_at=now)
