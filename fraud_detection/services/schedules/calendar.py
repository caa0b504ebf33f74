"""When a cron expression is due next, in the server's time zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from celery.schedules import ParseException, crontab
from django.conf import settings

LOOKED_AHEAD = 4 * 366 + 1  # days: a 29 February comes within them
EXAMPLE = "write minute hour day month weekday, e.g. 0 2 * * * for each night at two"


class CronRefused(ValueError):
    """Not a cron expression, or one that never comes."""


def check_cron(text: str) -> str:
    """The expression with single spaces. Raises CronRefused."""
    cron = " ".join(text.split())
    next_after(cron, datetime.now(UTC))
    return cron


def next_after(cron: str, after: datetime) -> datetime:
    """The first moment behind `after` that fits all five fields; a clock time that a day skips is none."""
    try:
        wanted = crontab.from_string(cron)
    except (ParseException, ValueError, TypeError, KeyError) as error:
        raise CronRefused(f"is not a cron expression; {EXAMPLE}") from error
    zone = ZoneInfo(settings.TIME_ZONE)
    first = after.astimezone(zone).date()
    for ahead in range(LOOKED_AHEAD):
        day = first + timedelta(days=ahead)
        if (
            day.day not in wanted.day_of_month
            or day.month not in wanted.month_of_year
            or (day.isoweekday() % 7) not in wanted.day_of_week
        ):
            continue
        for hour in sorted(wanted.hour):
            for minute in sorted(wanted.minute):
                moment = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                local = moment.astimezone(zone)
                if moment > after and (local.hour, local.minute) == (hour, minute):
                    return moment
    raise CronRefused(f"names no day that comes; {EXAMPLE}")
