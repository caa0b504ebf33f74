"""Who takes part in the benchmarks: customers with a device, a card, an address and favourite merchants."""

from dataclasses import dataclass

import numpy as np

from ml.features.keys import country_code, entity_key

CUSTOMERS = 100_000
MERCHANTS = 5_000
FAVOURITES = 6  # merchants that one customer pays, friends it transfers to
COUNTRIES = ("DE", "ES", "FR", "GB", "IT", "NL", "PL", "PT", "SE", "US")
HOT = CUSTOMERS  # the place of the busy customer: a business that pays out


@dataclass(frozen=True)
class Kind:
    """Ids of one kind by place: texts of equal length as bytes, and their keys int64."""

    texts: np.ndarray
    keys: np.ndarray

    @classmethod
    def named(cls, kind: str, texts: list[str]) -> "Kind":
        keys = [entity_key(kind, text) for text in texts]
        return cls(np.array([text.encode() for text in texts]), np.array(keys, np.int64))


class Population:
    """
    accounts, devices, cards  one for each customer, the busy one last
    addresses                 the same; `address_bytes` uint8 [n, 4]
    homes                     place of each customer's country in COUNTRIES
    means                     mean of ln(amount in cents) of each customer
    """

    def __init__(self) -> None:
        places = range(CUSTOMERS + 1)
        self.accounts = Kind.named("account", [f"C{place:06d}" for place in places])
        self.devices = Kind.named("device", [f"D{place:06d}" for place in places])
        self.cards = Kind.named("card", [f"K{place:06d}" for place in places])
        self.addresses = Kind.named("ip", [f"10.{p >> 16}.{p >> 8 & 255}.{p & 255}" for p in places])
        place = np.arange(CUSTOMERS + 1)
        self.address_bytes = np.stack(
            [np.full_like(place, 10), place >> 16, place >> 8 & 255, place & 255], axis=1
        ).astype(np.uint8)
        self.merchants = Kind.named("account", [f"M{place:06d}" for place in range(MERCHANTS)])
        shops = [text.decode() for text in self.merchants.texts]
        self.merchant_keys = np.array([entity_key("merchant", text) for text in shops], np.int64)
        self.hot_merchant_key = entity_key("merchant", self.accounts.texts[HOT].decode())
        self.homes = np.random.default_rng(1).integers(0, len(COUNTRIES), CUSTOMERS + 1)
        self.means = np.random.default_rng(2).normal(7.8, 0.4, CUSTOMERS + 1)
        self.country_codes = np.array([country_code(text) for text in COUNTRIES], np.int64)

    def favourite(self, customers: np.ndarray | int, choice: np.ndarray | int, among: int) -> np.ndarray:
        """The `choice`-th of what each customer keeps using, few of `among` being used by many."""
        mixed = (customers * 2_654_435_761 + choice * 40_503 + 12_345) % (1 << 32) / (1 << 32)
        return np.int64(among * mixed**2)
