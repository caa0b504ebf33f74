"""The customers of rows: who is known, and which home counts for each row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db import connection

from fraud_detection.services.bulk.encoding import Encoded
from fraud_detection.services.bulk.reading import Columns
from ml.features.keys import country_code
from ml.features.spec import NULL
from transactions.services import KnownCustomer, NewCustomer, array_text

KNOWN = (
    "select external_id, id, home_country, time_zone from users_customer where external_id = any(%s::text[])"
)


@dataclass
class Customers:
    """Ids of those that exist, by name; what is told of the others, or of a home, by the place it is in."""

    ids: dict[str, int]
    wanted: dict[int, NewCustomer]


def known_customers(names: set[str]) -> dict[str, KnownCustomer]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, (array_text(list(names)),))
        return {name: KnownCustomer(*rest) for name, *rest in cursor.fetchall()}


def settle(rows: Encoded, known: Mapping[str, KnownCustomer]) -> Customers:
    """Enter the home country's code of each row; a home counts from where it is first given."""
    columns = rows.columns
    names = columns.column("user_id")
    homes = {name: customer.home_country for name, customer in known.items()}
    codes = {home: country_code(home) if home else NULL for home in set(homes.values())}
    found = [codes[homes[name]] if homes.get(name) else NULL for name in names]
    wanted: dict[int, NewCustomer] = {}
    for place, name in enumerate(names):
        if homes.get(name):
            if found[place] == NULL:
                found[place] = country_code(homes[name])
            continue
        given = told_by(columns, place)
        if name not in homes or given.home_country != homes[name]:
            wanted[place] = given
        homes[name] = given.home_country
        found[place] = country_code(given.home_country) if given.home_country else NULL
    rows.integers["home_country_code"] = np.array(found, np.int64)
    return Customers({name: customer.id for name, customer in known.items()}, wanted)


def told_by(columns: Columns, place: int) -> NewCustomer:
    """What a row tells of its customer, as payment_events.home_country and customer_side read it."""

    def said(name: str) -> str:
        return columns.column(name)[place] or "" if columns.has(name) else ""

    side = "receiver" if said("user_id") == said("receiver_id") else "sender"
    home = said(f"{side}_country") or said("country")
    return NewCustomer(name=said(f"{side}_name"), email=said("email"), home_country=home)
