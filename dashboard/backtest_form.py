"""What the form of a backtest says, as terms; dates are days of the server's time zone."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from fraud_detection.models import BacktestLabels
from fraud_detection.services.backtesting import BacktestRefused, Terms


def terms_posted(posted: Mapping[str, str]) -> Terms:
    """Raises BacktestRefused naming the field that cannot be read."""
    labels = posted.get("labels", BacktestLabels.FINAL)
    as_known = labels == BacktestLabels.AS_KNOWN
    cut_off = _day(posted, "cut_off") if posted.get("cut_off") and as_known else None
    return Terms(
        since=_midnight(_day(posted, "since")),
        until=_midnight(_day(posted, "until") + timedelta(days=1)),
        labels=labels,
        cut_off=_midnight(cut_off + timedelta(days=1)) if cut_off else None,
        alert_cost=_number(posted, "alert_cost"),
        friction_share=_share(posted),
    )


def _share(posted: Mapping[str, str]) -> float | None:
    percent = _number(posted, "friction")
    return None if percent is None else float(percent) / 100


def _number(posted: Mapping[str, str], name: str) -> Decimal | None:
    text = posted.get(name, "").strip()
    if not text:
        return None
    try:
        value = Decimal(text) if len(text) <= 20 else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**9:
        raise BacktestRefused(name, "must be a number, such as 6.50")
    return round(value, 4)


def _day(posted: Mapping[str, str], name: str) -> date:
    try:
        day = date.fromisoformat(posted.get(name, ""))
    except ValueError:
        raise BacktestRefused(name, "must be a day, such as 2026-11-20") from None
    if not 1970 < day.year < 9000:
        raise BacktestRefused(name, "must be a day of our time")
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
