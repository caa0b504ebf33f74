"""How numbers, money and times are written. Money is given in hundredths of the reporting currency."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format

from fraud_detection.rules.reasons import format_value

register = template.Library()


@register.filter
def money(minor: int | None) -> str:
    """848900 -> 8,489.00; nothing for nothing."""
    return "" if minor is None else f"{Decimal(minor) / 100:,.2f}"


@register.filter
def whole_money(minor: int | None) -> str:
    """4831049 -> 48,310: for tiles, where hundredths are noise."""
    return "" if minor is None else f"{Decimal(minor) / 100:,.0f}"


@register.filter
def short_money(minor: int | None) -> str:
    """As whole_money, from ten million on in millions: 260532409000 -> 2,605.3 M."""
    if minor is None or minor < 1_000_000_000:
        return whole_money(minor)
    return f"{Decimal(minor) / 100_000_000:,.1f}\u00a0M"


@register.filter
def amount(value: Decimal | None) -> str:
    """A decimal in its own currency, two places at least: 12.3400 -> 12.34."""
    if value is None:
        return ""
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return f"{value:,.{places}f}"


@register.filter
def count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


@register.filter
def percent(share: float | None) -> str:
    """0.0035 -> 0.35%; three figures, so that small shares do not become 0%."""
    if share is None:
        return ""
    value = share * 100
    return f"{value:.0f}%" if value in (0, 100) else f"{value:.2f}%" if value < 1 else f"{value:.1f}%"


@register.filter
def score(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


@register.filter
def figure(value: float | None) -> str:
    """A measure between 0 and 1, three places: 0.91342 -> 0.913; a dash for nothing."""
    return f"{value:.3f}" if isinstance(value, int | float) else "–"


@register.filter
def in_unit(value: float | None, unit: str) -> str:
    """A value as reasons write it: money 1,600.00, share 95%, count 3; a dash for nothing."""
    return "–" if value is None else format_value(value, unit)


@register.filter
def milliseconds(microseconds: float | None) -> str:
    return "" if microseconds is None else f"{microseconds / 1000:.1f} ms"


@register.filter
def plain(value: Any) -> str:
    """A stored value for a table of evidence: numbers without noise, lists joined, missing said."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return (
            number_format(round(value, 4), use_l10n=False).rstrip("0").rstrip(".")
            if value % 1
            else f"{value:,.0f}"
        )
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(item)}" for name, item in value.items())
    return str(value)


@register.filter
def evidence(metadata: dict[str, Any]) -> list[tuple[str, Any]]:
    """The values that a rule saw, then the limits that it compared them with, in order of name.

    The window and the events behind them are not values, nor lists of records or what is linked: the page
    shows them apart.
    """
    apart = ("thresholds", "window", "events", "claims", "claimants", "policies", "provider_id", "snoozed")
    values = sorted(
        (name, value) for name, value in metadata.items() if name not in apart and not _is_records(value)
    )
    limits = metadata.get("thresholds") or {}
    return values + [(f"limit {name}", limits[name]) for name in sorted(limits)]


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


@register.filter
def words(name: str) -> str:
    """confirmed_fraud -> confirmed fraud."""
    return str(name).replace("_", " ")


def span_text(span: timedelta) -> str:
    """45 min, 3 h 09, 2 d: what is left or over, never seconds."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d}"
    return f"{minutes // (24 * 60)} d"


@register.simple_tag
def due(at: datetime, now: datetime | None = None) -> str:
    """Time left until `at`, or how long it is over."""
    left = at - (now or timezone.now())
    return f"{span_text(left)} over" if left < timedelta(0) else span_text(left)


@register.filter
def age(at: datetime | None) -> str:
    """How long ago: 45 min, 3 h 09, 2 d."""
    return "" if at is None else span_text(timezone.now() - at)


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time, as due writes it; a dash where there is none to tell."""
    return "–" if seconds is None else span_text(timedelta(seconds=seconds))


@register.filter
def due_class(at: datetime) -> str:
    left = at - timezone.now()
    return "due-over" if left < timedelta(0) else "due-soon" if left < timedelta(hours=1) else ""


@register.filter
def moment(at: datetime | None) -> str:
    """Exact local time for evidence: 20 Nov 2026 11:27:04."""
    return "" if at is None else f"{timezone.localtime(at):%-d %b %Y %H:%M:%S}"


@register.filter
def day_or_moment(at: datetime) -> str:
    """As moment writes it; midnight UTC is how a day is stored that was sent without a time: 20 Nov 2026."""
    return f"{at:%-d %b %Y}" if at.astimezone(UTC).time() == time() else moment(at)


@register.filter
def instant(text: str) -> str:
    """A stored time, 2026-11-20T11:27:04Z, as moment writes it; a text that is no time stays."""
    at = parse_datetime(str(text))
    return moment(at) if at else str(text)


@register.filter
def when(at: datetime | None) -> str:
    """Today the time, else the day too: 11:27 or 18 Nov 11:27."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    return f"{local:%-d %b %H:%M}" if local.year == today.year else f"{local:%-d %b %Y}"


@register.simple_tag
def currency() -> str:
    return settings.REPORTING_CURRENCY


@register.simple_tag
def zone() -> str:
    """Europe/Paris (UTC+1)."""
    offset = timezone.localtime().utcoffset() or timedelta(0)
    hours, minutes = divmod(int(offset.total_seconds() // 60), 60)
    shift = f"UTC{hours:+d}" + (f":{minutes:02d}" if minutes else "") if offset else ""
    name = timezone.get_current_timezone_name()
    return f"{name} ({shift})" if shift else name


@register.filter
def signed(share: float | None) -> str:
    """A change with its sign; a dash when there was nothing to compare with."""
    return "–" if share is None else f"{share:+.1%}".replace("-", "−") if share < 10 else f"×{share + 1:,.0f}"
