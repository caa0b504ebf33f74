"""The stat tiles of the overview: label, figure, one line of context, a sparkline, and the list behind."""

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse

from dashboard.selectors.alerts import Flow
from dashboard.selectors.decisions import Tally, change, running
from dashboard.selectors.period import Period
from dashboard.selectors.precision import ENOUGH, Share
from dashboard.templatetags.figures import count, percent, short_money, signed, whole_money


@dataclass(frozen=True)
class Tile:
    key: str  # names the figure for live updates; empty when it does not move by itself
    label: str
    value: str
    line: str
    url: str
    unit: str = ""
    full: str = ""  # the figure in full where `value` is shortened
    points: list[float] = field(default_factory=list)
    compared: list[float] = field(default_factory=list)


def tiles(period: Period, now: Tally, before: Tally, stream: Flow, precision: Share) -> list[Tile]:
    """The six tiles, left to right."""
    alert_list, event_list = reverse("dashboard:alerts"), reverse("dashboard:transactions")
    stopped_list = f"{event_list}?decided={period.key}&decision=stopped"
    buckets, earlier = period.buckets(), [at - period.shift for at in period.buckets()]
    share = percent(now.stopped_total / now.total) if now.total else "no events yet"
    return [
        Tile(
            "open_alerts", "Open alerts", count(stream.open_now),
            f"{stream.critical} critical, {stream.overdue} overdue", alert_list,
            points=_open_line(stream, buckets),
        ),
        Tile(
            "alerts_opened", "Alerts opened", count(stream.opened_total),
            _against(stream.opened_total, stream.opened_before, period),
            f"{alert_list}?tab=all&opened={period.key}", points=running(stream.opened, buckets),
        ),
        Tile(
            "events", "Events decided", count(now.total), _against(now.total, before.total, period),
            f"{event_list}?decided={period.key}",
            points=running(now.events, buckets), compared=_grey(before.events, earlier),
        ),
        Tile(
            "stopped", "Reviewed or declined", count(now.stopped_total), f"{share}{_of_all(now)}",
            stopped_list, points=[now.stopped[at] for at in buckets],
            compared=_grey(before.stopped, earlier, total=False),
        ),
        Tile(
            "stopped_amount", "Amount stopped", short_money(now.stopped_amount),
            _against(now.stopped_amount, before.stopped_amount, period), stopped_list,
            unit=settings.REPORTING_CURRENCY, full=whole_money(now.stopped_amount),
            points=running(now.amounts, buckets), compared=_grey(before.amounts, earlier),
        ),
        _precision(precision, alert_list),
    ]  # fmt: skip


def _precision(found: Share, alert_list: str) -> Tile:
    if not found.enough:
        return Tile(
            "", "Precision, 7 days", "–", f"not enough data, {found.n} of {ENOUGH} verdicts",
            f"{alert_list}?tab=resolved",
        )  # fmt: skip
    line = f"{found.low:.1f} to {found.high:.1f}%, n = {found.n}"
    return Tile("", "Precision, 7 days", f"{found.value:.1f}%", line, f"{alert_list}?tab=resolved")


def _of_all(now: Tally) -> str:
    return f" of {count(now.total)}" if now.total else ""


def _against(now: float, before: float, period: Period) -> str:
    """+12% on last Friday; says so when there is nothing to compare with."""
    changed = change(now, before)
    if changed is None:
        return f"none {period.compared_name}" if period.is_today else f"none in {period.compared_name}"
    return f"{signed(changed)} on {period.compared_name.removeprefix('the ')}"


def _open_line(stream: Flow, buckets: list) -> list[float]:
    opened, closed = running(stream.opened, buckets), running(stream.closed, buckets)
    return [stream.open_before + o - c for o, c in zip(opened, closed, strict=True)]


def _grey(counter, buckets: list, *, total: bool = True) -> list[float]:
    """The compared line; none at all rather than a flat zero."""
    if not counter:
        return []
    return running(counter, buckets) if total else [counter[at] for at in buckets]
