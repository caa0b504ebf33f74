"""The stretch of time that a page shows, and the one it is compared with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

CHOICES = (("today", "Today"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))


@dataclass(frozen=True)
class Period:
    """[start, end) in whole local days up to now; compared: the same length, `shift` earlier."""

    key: str
    start: datetime
    end: datetime
    shift: timedelta
    unit: str

    @property
    def compared_start(self) -> datetime:
        return self.start - self.shift

    @property
    def compared_end(self) -> datetime:
        return self.end - self.shift

    @property
    def is_today(self) -> bool:
        return self.key == "today"

    @property
    def name(self) -> str:
        """As it stands behind a heading: today, 7 days."""
        return dict(CHOICES)[self.key].lower()

    @property
    def compared_name(self) -> str:
        if self.is_today:
            return f"last {timezone.localtime(self.compared_start):%A}"
        return f"the prior {self.key} days"

    @property
    def sentence(self) -> str:
        start, end = timezone.localtime(self.start), timezone.localtime(self.end)
        if self.is_today:
            return f"00:00 to {end:%H:%M}, compared with the same hours {self.compared_name}"
        return f"{start:%-d %b} to {end:%-d %b %H:%M}, compared with {self.compared_name}"

    def buckets(self) -> list[datetime]:
        """Starts of the hours (today) or days that the period has begun."""
        step = timedelta(hours=1) if self.is_today else timedelta(days=1)
        found, at = [], timezone.localtime(self.start)
        while at < self.end:
            found.append(at)
            at = timezone.make_aware(timezone.make_naive(at) + step)
        return found


def period_of(key: str, now: datetime) -> Period:
    """The period of a key from CHOICES; any other key means today."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    end = now + timedelta(microseconds=1)  # what was decided at this very moment counts
    if key not in dict(CHOICES) or key == "today":
        return Period("today", midnight, end, timedelta(days=7), "hour")
    days = int(key)
    start = timezone.make_aware(timezone.make_naive(midnight) - timedelta(days=days - 1))
    return Period(key, start, end, timedelta(days=days), "day")
