"""Ordinary life of bank accounts: salaries, rents, shops, friends, firms, and what looks odd but is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

REGIONS = ("North", "South", "East", "West", "Central", "Coast")
HOME = "US"
ABROAD = ("KE", "VN", "LB")  # homes on a watch list: nothing odd about the people who live there
REGULAR_DAYS = 215  # salaries, rents and suppliers reach this far back, everyday life only DAILY_DAYS
DAILY_DAYS = 100
MERCHANTS, EMPLOYERS, LANDLORDS, SUPPLIERS = 24, 9, 6, 8
Record = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Who somebody is to the bank, and how they live."""

    account: str
    country: str
    region: str
    income: float
    rent: float
    employer: str
    landlord: str
    friends: tuple[str, ...]
    shops: tuple[str, ...]
    spending: float  # usual amount of a purchase
    errands: float  # purchases a day
    payday: int


@dataclass
class Town:
    """The accounts of a place and everything they did, not yet in order of time."""

    seed: int
    start: datetime
    end: datetime
    rng: np.random.Generator
    people: list[Person] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def move(self, at: datetime, amount: float, sender: str, receiver: str, **fields: Any) -> Record:
        """Enter one movement; amounts are whole cents."""
        record = {
            "transaction_id": f"L{self.seed}-{len(self.records):06d}",
            "occurred_at": at.isoformat(),
            "type": "transfer",
            "amount": f"{max(amount, 0.5):.2f}",
            "sender_id": sender,
            "receiver_id": receiver,
        } | fields
        self.records.append(record)
        return record

    def moment(self, day: datetime, first: float = 7, last: float = 22) -> datetime:
        """Some moment of a day between two hours."""
        return day + timedelta(seconds=float(self.rng.uniform(first * 3600, last * 3600)))

    def days(self, back: int) -> list[datetime]:
        """Midnights from so many days before the end up to it."""
        return [self.end - timedelta(days=back - number) for number in range(back)]

    def pick(self, some: tuple[str, ...] | list[str]) -> str:
        return some[int(self.rng.integers(len(some)))]


def town(*, seed: int, end: datetime, people: int) -> Town:
    """A town of so many people, and all that its accounts did up to `end`."""
    rng = np.random.default_rng(seed)
    place = Town(seed, end - timedelta(days=REGULAR_DAYS), end, rng)
    place.people = [_person(rng, seed, number, people) for number in range(people)]
    for person in place.people:
        _regular(place, person)
        _everyday(place, person)
    _businesses(place)
    _odd_but_honest(place)
    return place


def _person(rng: np.random.Generator, seed: int, number: int, people: int) -> Person:
    income = float(rng.lognormal(8.0, 0.35))
    abroad = rng.random() < 0.05
    return Person(
        account=f"P{seed}-{number:04d}",
        country=ABROAD[int(rng.integers(len(ABROAD)))] if abroad else HOME,
        region=REGIONS[int(rng.integers(len(REGIONS)))],
        income=income,
        rent=round(income * float(rng.uniform(0.2, 0.35)), -1),
        employer=f"EMP{seed}-{int(rng.integers(EMPLOYERS))}",
        landlord=f"RENT{seed}-{int(rng.integers(LANDLORDS))}",
        friends=tuple(f"P{seed}-{int(n):04d}" for n in rng.integers(0, people, 4) if n != number),
        shops=tuple(f"M{seed}-{int(n):02d}" for n in rng.choice(MERCHANTS, 6, replace=False)),
        spending=float(rng.lognormal(3.3, 0.4)),
        errands=float(rng.uniform(0.4, 1.4)),
        payday=int(rng.integers(25, 29)),
    )


def _where(person: Person) -> dict[str, str]:
    return {"country": person.country, "sender_country": person.country, "region": person.region}


def _regular(place: Town, person: Person) -> None:
    """Salary, rent, a bill and savings, month after month."""
    rng, savings = place.rng, f"SAV-{person.account}"
    for day in place.days(REGULAR_DAYS):
        if day.day == person.payday:
            net = person.income * float(rng.normal(1, 0.02))
            place.move(place.moment(day, 6, 9), net, person.employer, person.account, channel="api")
        if day.day == 1 + person.payday % 3:
            to = {"merchant_id": person.landlord, "channel": "web"} | _where(person)
            place.move(place.moment(day), person.rent, person.account, person.landlord, **to)
        if day.day == 12:
            bill = {"merchant_id": f"M{place.seed}-00", "type": "debit"} | _where(person)
            place.move(
                place.moment(day), 60 + 60 * float(rng.random()), person.account, bill["merchant_id"], **bill
            )
        if day.day == 15 and person.income > 3_000:
            amount = round(person.income * 0.1, -2)
            place.move(place.moment(day), amount, person.account, savings, channel="mobile", **_where(person))


def _everyday(place: Town, person: Person) -> None:
    """Shops, cash, friends, and now and then something large."""
    rng = place.rng
    for day in place.days(DAILY_DAYS):
        for _ in range(int(rng.poisson(person.errands))):
            shop, amount = place.pick(person.shops), person.spending * float(rng.lognormal(0, 0.6))
            with_card = {"type": "payment", "merchant_id": shop, "channel": "pos"} | _where(person)
            place.move(place.moment(day), amount, person.account, shop, **with_card)
        if rng.random() < 0.06:
            cash = float(rng.choice([20, 40, 60, 100, 200]))
            atm = {"type": "cash_out", "channel": "atm", "branch": f"ATM-{person.region}"} | _where(person)
            place.move(place.moment(day), cash, person.account, "BANK-CASH", merchant_id="BANK-CASH", **atm)
        if rng.random() < 0.08 and person.friends:
            amount = float(rng.choice([10, 15, 20, 25, 40, 75])) + float(rng.integers(0, 100)) / 100
            friend = place.pick(person.friends)
            place.move(place.moment(day), amount, person.account, friend, channel="mobile", **_where(person))
        if rng.random() < 0.004:  # a holiday, a sofa, a repair
            amount = person.income * float(rng.uniform(0.2, 0.6))
            shop = place.pick(person.shops)
            at = {"type": "payment", "merchant_id": shop, "channel": "web"} | _where(person)
            place.move(place.moment(day), amount, person.account, shop, **at)


def _businesses(place: Town) -> None:
    """Shops pay in takings, employers are paid by customers and pay suppliers."""
    rng = place.rng
    for day in place.days(REGULAR_DAYS):
        if day.weekday() == 6:
            continue
        for number in range(EMPLOYERS):
            account = f"EMP{place.seed}-{number}"
            for _ in range(int(rng.poisson(1.2))):
                client = f"CLIENT{place.seed}-{int(rng.integers(60)):02d}"
                amount = float(rng.lognormal(8.2, 0.8))
                place.move(
                    place.moment(day, 8, 18), amount, client, account, merchant_id=account, channel="api"
                )
            if rng.random() < 0.25:
                supplier = f"SUP{place.seed}-{int(rng.integers(SUPPLIERS))}"
                amount = float(rng.lognormal(7.8, 0.6))
                place.move(
                    place.moment(day, 8, 18), amount, account, supplier, merchant_id=supplier, channel="api"
                )
        for number in range(0, MERCHANTS, 4):
            if rng.random() < 0.5:
                takings, shop = float(rng.lognormal(7.0, 0.4)), f"M{place.seed}-{number:02d}"
                till = {"type": "cash_in", "channel": "branch", "branch": f"B-{REGIONS[number % 6]}"}
                place.move(
                    place.moment(day, 9, 17), takings, shop, "BANK-CASH", merchant_id="BANK-CASH", **till
                )


def _odd_but_honest(place: Town) -> None:
    """What rules must bear: a car, a club, a wedding, travel, family abroad, a house, an old account."""
    rng, people = place.rng, place.people
    week = place.days(7)
    for person in people[:: max(len(people) // 6, 1)]:
        day = week[int(rng.integers(7))]
        dealer = f"CAR{place.seed}"
        price = float(rng.uniform(8_000, 9_900))
        place.move(place.moment(day), price, person.account, dealer, merchant_id=dealer, **_where(person))
    club, couple = people[1].account, people[2].account
    for person in people[10:40]:
        place.move(place.moment(week[2]), 60, person.account, club, channel="web", **_where(person))
        if rng.random() < 0.5:
            place.move(place.moment(week[4]), 100, person.account, couple, channel="mobile", **_where(person))
    for number, person in enumerate(people[40:46]):
        for day in week[: 4 + number % 3]:
            away = _where(person) | {"country": "VN", "ip_country": "VN", "type": "payment", "channel": "pos"}
            place.move(
                place.moment(day),
                float(rng.uniform(5, 60)),
                person.account,
                "MKT-VN",
                merchant_id="MKT-VN",
                **away,
            )
    for person in people[46:52]:
        home = _where(person) | {"receiver_country": "KE", "channel": "mobile"}
        for month in (62, 31, 3):
            at = place.moment(place.end - timedelta(days=month))
            place.move(at, 250, person.account, f"FAMILY-{person.account}", **home)
    seller = people[3]
    place.move(
        place.moment(week[1], 9, 12), 84_000, f"NOTARY{place.seed}", seller.account, **{"channel": "branch"}
    )
    place.move(
        place.moment(week[2], 9, 12),
        80_500,
        seller.account,
        f"BANK{place.seed}",
        merchant_id=f"BANK{place.seed}",
    )
    for person in people[52:55]:
        savings = f"OLD-{person.account}"
        place.move(place.end - timedelta(days=213), 5_200, person.account, savings, **_where(person))
        place.move(place.moment(week[3]), 5_400, savings, person.account, channel="branch", **_where(person))
