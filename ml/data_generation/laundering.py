"""Schemes of money laundering, planted into the last week of a town."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ml.data_generation.banking import REGIONS, Town

BLACK, GREY = ("IR", "KP", "MM"), ("VE", "YE", "SY")


def plant(place: Town, *, occurrences: int) -> dict[int, tuple[str, str]]:
    """Add every scheme so many times; (scheme, occurrence) by the place of its records."""
    planted: dict[int, tuple[str, str]] = {}
    for scheme, act in SCHEMES.items():
        for number in range(occurrences):
            before = len(place.records)
            act(place, f"{scheme}-{place.seed}-{number}")
            for at in range(before, len(place.records)):
                planted[at] = scheme, f"{scheme}-{number}"
    return planted


def _begin(place: Town, days: float) -> datetime:
    """A moment of the last week that leaves so many days for the scheme."""
    return place.end - timedelta(days=7 - float(place.rng.uniform(0.1, 6.9 - days)))


def _later(place: Town, at: datetime, least: float, most: float) -> datetime:
    """Some hours later."""
    return at + timedelta(hours=float(place.rng.uniform(least, most)))


def _structuring(place: Town, name: str) -> None:
    """Cash at several branches, or transfers by several channels, each just below the report."""
    rng, at = place.rng, _begin(place, 1)
    person, in_cash = place.pick([p.account for p in place.people]), rng.random() < 0.6
    for number in range(int(rng.integers(3, 6))):
        amount = float(rng.uniform(8_100, 9_950))
        if in_cash:
            way = {
                "type": "cash_in",
                "channel": "branch",
                "branch": f"B{number % 3}",
                "merchant_id": "BANK-CASH",
            }
            place.move(at, amount, person, "BANK-CASH", **way)
        else:
            place.move(at, amount, person, f"{name}-{number}", channel=("web", "mobile")[number % 2])
        at = _later(place, at, 0.5, 4)


def _smurfing(place: Town, name: str) -> None:
    """Many small deposits by helpers over days into one collecting account."""
    rng, at, helpers = place.rng, _begin(place, 5), int(_between(place, 4, 8))
    for number in range(int(rng.integers(7, 13))):
        amount = float(rng.uniform(1_500, 4_500))
        place.move(
            at, amount, f"{name}-H{number % helpers}", f"{name}-C", channel="branch", branch=f"B{number % 4}"
        )
        at = _later(place, at, 5, 11)


def _rapid_movement(place: Town, name: str) -> None:
    """A mule: money of a victim comes in and most of it leaves within hours."""
    rng, at = place.rng, _begin(place, 1.5)
    mule = place.pick([p.account for p in place.people])
    amount, left = float(rng.uniform(9_000, 25_000)), float(rng.uniform(0.88, 0.97))
    place.move(at, amount, f"{name}-V", mule, channel="web")
    for share in (0.6, 0.4):
        at = _later(place, at, 1, 8)
        place.move(at, amount * left * share, mule, f"{name}-Q{share}", channel="mobile")


def _funnel(place: Town, name: str) -> None:
    """Deposits in many regions, withdrawn in yet another one."""
    rng, at, total = place.rng, _begin(place, 4), 0.0
    regions = list(rng.permutation(REGIONS))
    for number in range(int(rng.integers(6, 10))):
        amount = float(rng.uniform(700, 2_600))
        total += amount
        place.move(
            at, amount, f"{name}-D{number}", f"{name}-F", region=str(regions[number % 4]), channel="branch"
        )
        at = _later(place, at, 3, 9)
    for share in (0.5, 0.35):
        at = _later(place, at, 2, 10)
        place.move(at, total * share, f"{name}-F", f"{name}-Q", region=str(regions[5]), channel="web")


def _fan_in(place: Town, name: str) -> None:
    rng, at, hub = place.rng, _begin(place, 1), place.pick([p.account for p in place.people])
    for number in range(int(rng.integers(12, 20))):
        place.move(at, float(rng.uniform(480, 900)), f"{name}-{number}", hub, channel="mobile")
        at = _later(place, at, 0.1, 1.1)


def _fan_out(place: Town, name: str) -> None:
    rng, at, hub = place.rng, _begin(place, 1), place.pick([p.account for p in place.people])
    for number in range(int(rng.integers(12, 20))):
        place.move(at, float(rng.uniform(480, 900)), hub, f"{name}-{number}", channel="mobile")
        at = _later(place, at, 0.1, 1.1)


def _round_trip(place: Town, name: str) -> None:
    """Three to six firms of one owner pass money round."""
    rng, hops = place.rng, int(_between(place, 3, 7))
    at, amount = _begin(place, hops * 0.7), float(rng.uniform(4_000, 40_000))
    for number in range(hops):
        place.move(at, amount, f"{name}-{number}", f"{name}-{(number + 1) % hops}", channel="api")
        amount *= float(rng.uniform(0.86, 0.99))
        at = _later(place, at, 3, 14)


def _dormant(place: Town, name: str) -> None:
    """An account forgotten for years is taken over, filled and emptied."""
    rng, at = place.rng, _begin(place, 2)
    place.move(place.end - timedelta(days=float(rng.uniform(195, 214))), 40, f"{name}-A", f"{name}-OLD")
    amount = float(rng.uniform(6_000, 15_000))
    place.move(at, amount, f"{name}-A", f"{name}-OLD", channel="web")
    place.move(_later(place, at, 2, 20), amount * 0.95, f"{name}-A", f"{name}-B", channel="web")
    place.move(_later(place, at, 21, 30), amount * 0.93, f"{name}-OLD", f"{name}-Q", channel="web")


def _geography(place: Town, name: str) -> None:
    """Payments to a listed country, straight or in parts."""
    rng, at, person = place.rng, _begin(place, 2), place.pick([p.account for p in place.people])
    if rng.random() < 0.5:
        place.move(
            at, float(rng.uniform(200, 3_000)), person, f"{name}-X", receiver_country=place.pick(BLACK)
        )
        return
    for number in range(3):
        place.move(
            at,
            float(rng.uniform(1_200, 3_000)),
            person,
            f"{name}-{number}",
            receiver_country=place.pick(GREY),
        )
        at = _later(place, at, 4, 12)


def _profile_change(place: Town, name: str) -> None:
    """A modest customer suddenly moves many times what it ever did."""
    rng, at, person = place.rng, _begin(place, 4), place.pick([p.account for p in place.people])
    for number in range(int(rng.integers(3, 6))):
        place.move(at, float(rng.uniform(5_000, 15_000)), person, f"{name}-{number % 2}", channel="web")
        at = _later(place, at, 10, 20)


def _round_amounts(place: Town, name: str) -> None:
    """A new account that moves nothing but thousands."""
    rng, at = place.rng, _begin(place, 5)
    for number in range(int(rng.integers(6, 9))):
        amount = 1_000.0 * int(rng.integers(1, 7))
        place.move(at, amount, f"{name}-O", f"{name}-{number % 3}", channel="web")
        at = _later(place, at, 6, 14)


def _between(place: Town, least: int, most: int) -> int:
    """A whole number from least to below most."""
    return int(place.rng.integers(least, most))


SCHEMES: dict[str, Callable[[Town, str], None]] = {
    "structuring": _structuring,
    "smurfing": _smurfing,
    "rapid_movement": _rapid_movement,
    "funnel": _funnel,
    "fan_in": _fan_in,
    "fan_out": _fan_out,
    "round_trip": _round_trip,
    "dormant": _dormant,
    "geography": _geography,
    "profile_change": _profile_change,
    "round_amounts": _round_amounts,
}
