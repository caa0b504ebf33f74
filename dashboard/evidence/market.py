"""A replay of the market around a decision: price, volume, and the events its hits rest on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from fraud_detection.models import Assessment, RuleHit
from transactions.models import MarketEvent, MarketEventType, MarketMinute, Side

WIDTH, LEFT, RIGHT = 720, 56, 8
PRICE_TOP, PRICE_BOTTOM, VOLUME_TOP, BOTTOM = 14, 176, 194, 236
SHORT = timedelta(minutes=30)  # up to here every trade is drawn, beyond minutes
MOST_TRADES, MOST_BARS, MOST_MINUTES, MOST_FLAGGED = 500, 120, 6_000, 200
LEAST_SPAN = timedelta(minutes=2)
STEP_PRICE, STEP_VOLUME = 10**8, 10**6


class Traded(NamedTuple):
    """The last price and the quantity of a trade, a minute or several."""

    at: datetime
    price: float
    volume: float


def show(assessment: Assessment, hits: Sequence[RuleHit]) -> dict[str, Any] | None:
    """The chart and the flagged events, in order of time; nothing where no hit names events."""
    event = assessment.market_event
    if event is None:
        return None
    flagged = _flagged(event, hits)
    if not flagged:
        return None
    since, until = _span(flagged, event)
    tape = _tape(event.symbol_key, since, until)
    return {"symbol": event.symbol, "flagged": flagged, "chart": _chart(tape, flagged, since, until)}


def _flagged(event: MarketEvent, hits: Sequence[RuleHit]) -> list[MarketEvent]:
    ids = [each for hit in hits for each in hit.metadata.get("events", ())][:MOST_FLAGGED]
    found = MarketEvent.objects.filter(client=event.client_id, event_id__in=ids, symbol_key=event.symbol_key)
    return list(found.order_by("occurred_at", "id"))


def _span(flagged: list[MarketEvent], event: MarketEvent) -> tuple[datetime, datetime]:
    """A little before the first and after the last of them."""
    first, last = flagged[0].occurred_at, max(flagged[-1].occurred_at, event.occurred_at)
    span = max(last - first, LEAST_SPAN)
    return first - span / 4, last + span / 6


def _tape(symbol_key: int, since: datetime, until: datetime) -> list[Traded]:
    if until - since <= SHORT:
        trades = MarketEvent.objects.filter(
            symbol_key=symbol_key,
            event_code=MarketEventType.TRADE,
            occurred_at__gte=since,
            occurred_at__lte=until,
        )
        newest = trades.order_by("-occurred_at", "-id")[:MOST_TRADES]
        return [Traded(t.occurred_at, float(t.price), float(t.volume)) for t in reversed(newest)]
    minutes = MarketMinute.objects.filter(symbol_key=symbol_key, minute__gte=since, minute__lte=until)
    rows = list(minutes.order_by("-minute")[:MOST_MINUTES])[::-1]
    half = timedelta(seconds=30)
    tape = [Traded(m.minute + half, m.close_e8 / STEP_PRICE, float(m.volume_e6) / STEP_VOLUME) for m in rows]
    return _gathered(tape, since, until)


def _gathered(tape: list[Traded], since: datetime, until: datetime) -> list[Traded]:
    """At most so many bars as can be told apart."""
    size = (until - since) / MOST_BARS
    bars: dict[int, Traded] = {}
    for each in tape:
        place = int((each.at - since) / size)
        before = bars.get(place)
        bars[place] = Traded(since + place * size, each.price, each.volume + (before.volume if before else 0))
    return [bars[place] for place in sorted(bars)]


def _chart(
    tape: list[Traded], flagged: list[MarketEvent], since: datetime, until: datetime
) -> dict[str, Any]:
    prices = [each.price for each in tape] + [float(each.price) for each in flagged]
    low, high = min(prices), max(prices)
    room = (high - low) * 0.06 or high * 0.001
    low, high = low - room, high + room
    most = max((each.volume for each in tape), default=1.0)

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((at - since) / (until - since)), 1)

    def y(price: float) -> float:
        return round(PRICE_BOTTOM - (PRICE_BOTTOM - PRICE_TOP) * (price - low) / (high - low), 1)

    def bar(volume: float) -> float:
        return round(max((BOTTOM - VOLUME_TOP) * volume / most, 0.5), 1)

    return {
        "width": WIDTH,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bottom": BOTTOM,
        "line": _line([(x(each.at), y(each.price)) for each in tape]),
        "bars": [(x(each.at), round(BOTTOM - bar(each.volume), 1), bar(each.volume)) for each in tape],
        "bar_width": 3 if len(tape) < MOST_BARS else 2,
        "marks": [_mark(each, x(each.occurred_at), y(float(each.price))) for each in flagged],
        "prices": [(y(value), _price(value)) for value in _ticks(low, high)],
        "times": [(x(at), _time(at, until - since)) for at in _moments(since, until)],
        "most": f"{most:,.0f}",
        "volume_top": VOLUME_TOP,
    }


def _line(points: list[tuple[float, float]]) -> str:
    """Steps: a price stands until the next trade."""
    if not points:
        return ""
    path = [f"M{points[0][0]} {points[0][1]}"]
    path += [f"H{x}V{y}" for x, y in points[1:]]
    return "".join(path)


def _mark(event: MarketEvent, x: float, y: float) -> dict[str, Any]:
    kind = MarketEventType(event.event_code)
    side = Side(event.side_code).label.lower() if event.side_code else ""
    if kind == MarketEventType.TRADE:
        shape = {Side.BUY: "up", Side.SELL: "down"}.get(event.side_code, "dot")
    else:
        shape = "order" if kind == MarketEventType.ORDER else "cancel"
    at = timezone.localtime(event.occurred_at)
    said = f"{at:%H:%M:%S} {kind.label.lower()} {side} {_price(event.price)} x {event.volume.normalize():,f}"
    return {"x": x, "y": y, "shape": shape, "said": f"{said}, {event.trader_id}"}


def _ticks(low: float, high: float) -> list[float]:
    return [low + (high - low) * part / 4 for part in (0.4, 2, 3.6)]


def _price(value: Any) -> str:
    number = float(value)
    return f"{number:,.2f}" if number >= 1 else f"{number:.4g}"


def _moments(since: datetime, until: datetime) -> list[datetime]:
    return [since + (until - since) * part / 4 for part in (0.5, 1.5, 2.5, 3.5)]


def _time(at: datetime, span: timedelta) -> str:
    local = timezone.localtime(at)
    if span > timedelta(hours=20):
        return f"{local:%-d %b %H:%M}"
    return f"{local:%H:%M:%S}" if span < SHORT else f"{local:%H:%M}"
