"""Requests that look like the stored history, of which a given share alerts."""

import itertools
import math
import os
import random
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.population import COUNTRIES, CUSTOMERS, FAVOURITES, HOT, MERCHANTS, Population

ALERTING_AMOUNT = 54_321.0
ALERTING_SHARE = 0.02


class Traffic:
    """Endless payments with ids of their own; `hot` all of the busy customer."""

    def __init__(self, population: Population, *, hot: bool = False):
        self.population, self.hot = population, hot
        self.random = random.Random()  # other customers in each run: the same would become suspicious
        self.numbers = itertools.count(1)
        self.prefix = f"B{os.getpid()}-{time.time_ns():x}-"

    def record(self) -> dict[str, Any]:
        people, draw = self.population, self.random
        sender = HOT if self.hot else draw.randrange(CUSTOMERS)
        alerting = draw.random() < ALERTING_SHARE
        cents = max(300, int(math.exp(draw.gauss(float(people.means[sender]), 0.5))))
        home = COUNTRIES[people.homes[sender]]
        return {
            "transaction_id": f"{self.prefix}{next(self.numbers)}",
            "occurred_at": datetime.now(UTC).isoformat(),
            "amount": f"{ALERTING_AMOUNT:.2f}" if alerting else f"{cents / 100:.2f}",
            "currency": "USD",
            "sender_id": people.accounts.texts[sender].decode(),
            "card_token": people.cards.texts[sender].decode(),
            "device_id": people.devices.texts[sender].decode(),
            "ip_address": people.addresses.texts[sender].decode(),
            "ip_country": home,
            "country": home,
            "channel": "mobile" if draw.random() < 0.6 else "web",
            **self._other_side(sender),
        }

    def _other_side(self, sender: int) -> dict[str, str]:
        people, draw = self.population, self.random
        if self.hot:
            receiver = people.accounts.texts[draw.randrange(CUSTOMERS)].decode()
            paying = people.accounts.texts[HOT].decode()
            return {"type": "transfer", "receiver_id": receiver, "merchant_id": paying}
        choice = draw.randrange(FAVOURITES)
        if draw.random() < 0.85:
            shop = people.merchants.texts[int(people.favourite(sender, choice, MERCHANTS))].decode()
            return {"type": "payment", "receiver_id": shop, "merchant_id": shop}
        friend = int(people.favourite(sender + 17, choice, CUSTOMERS))
        return {"type": "transfer", "receiver_id": people.accounts.texts[friend].decode()}
