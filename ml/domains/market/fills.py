"""Schemes that show in the trades of one owner: mirrored pairs, and pushes of the price."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

MOST_RAMPS = 50
PPM = 1_000_000


class Fill(NamedTuple):
    """One trade; side 1 buys, 2 sells, None was not said."""

    id: int
    at: datetime
    side: int | None
    price: int
    volume: int


class Ramp(NamedTuple):
    """Own trades on one side within the time, from first to last, and what was traded back since."""

    first: Fill
    last: Fill
    trades: int
    volume: int
    reversed: int
    ids: tuple[int, ...]


def opposite(side: int) -> int:
    """Buy for sell, sell for buy."""
    return 3 - side


def reaches(part: int, share: float, whole: int) -> bool:
    """Whether a part is this share of the whole, or more; in whole numbers, so that an exact share is one."""
    return part * PPM >= whole * round(share * PPM)


def mirrors(trade: Fill, earlier: Sequence[Fill], settings: Mapping[str, Any]) -> list[Fill]:
    """Earlier trades that match this one in time, quantity and price on the other side, newest first."""
    since = trade.at - timedelta(seconds=settings["seconds"])
    return [
        fill
        for fill in sorted(earlier, key=lambda fill: (fill.at, fill.id), reverse=True)
        if fill.id != trade.id
        and fill.at > since
        and trade.side is not None
        and fill.side == opposite(trade.side)
        and _within(fill.volume, trade.volume, settings["volume_share"])
        and _within(fill.price, trade.price, settings["price_share"])
    ]


def _within(a: int, b: int, share: float) -> bool:
    return abs(a - b) * PPM <= max(a, b) * round(share * PPM)


def ramp_before(trade: Fill, earlier: Sequence[Fill], settings: Mapping[str, Any]) -> Ramp | None:
    """The largest run of trades on the other side that this trade may turn against.

    `earlier` is in order of time. A run is what lies within `minutes` up to one of its trades, which is
    within `reverse_minutes` of this one; None when no run has `trades` trades.
    """
    if trade.side is None:
        return None
    run = [fill for fill in earlier if fill.side == opposite(trade.side)]
    back = [fill for fill in earlier if fill.side == trade.side]
    since = trade.at - timedelta(minutes=settings["reverse_minutes"])
    ends = [place for place, fill in enumerate(run) if fill.at > since][-MOST_RAMPS:]
    found = [_ramp(run, end, back, trade, settings) for end in ends]
    return max(
        (ramp for ramp in found if ramp.trades >= settings["trades"]),
        key=lambda ramp: (ramp.volume, ramp.last.at),
        default=None,
    )


def _ramp(
    run: Sequence[Fill], end: int, back: Sequence[Fill], trade: Fill, settings: Mapping[str, Any]
) -> Ramp:
    last = run[end]
    since = last.at - timedelta(minutes=settings["minutes"])
    part = [fill for fill in run[: end + 1] if fill.at > since]
    reverse = sum(fill.volume for fill in back if (fill.at, fill.id) > (last.at, last.id))
    volume = sum(fill.volume for fill in part)
    ids = tuple(fill.id for fill in part)
    return Ramp(part[0], last, len(part), volume, reverse + trade.volume, ids)
