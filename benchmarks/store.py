"""Filling the store with history by COPY, without the indexes, which are built afterwards."""

import numpy as np
from django.db import connection, transaction

from benchmarks import binary_copy
from benchmarks.history import HOT_EVENTS, Part, event_columns, home_texts, parts
from benchmarks.population import COUNTRIES, HOT, Population
from transactions.models import Transaction
from users.services import client_system

TABLE = "transactions_transaction"
CLIENT = "history"
LABELS = """
    insert into transactions_label (transaction_id, verdict, source, reason, known_at, recorded_at,
        recorded_by, fraud_delta, receiver_key, device_key, ip_key, merchant_key)
    select id, 'fraud', 'import', '', occurred_at + interval '7 days', now(), '', 1,
        receiver_key, device_key, ip_key, merchant_key
    from transactions_transaction where id % 200 = 0 and occurred_at < now() - interval '7 days'
"""
INTEGERS = {
    **{"type": "smallint", "channel": "smallint", "local_hour": "smallint", "amount_ln": "integer"},
    **{"sender_is_merchant": "smallint", "receiver_is_merchant": "smallint", "country_code": "integer"},
    **dict.fromkeys(("amount_minor", "original_minor", "sender_key", "receiver_key"), "bigint"),
    **dict.fromkeys(("card_key", "device_key", "ip_key"), "bigint"),
}


def fill(population: Population, events: int, progress) -> int:
    """Store `events` and those of the busy customer in an empty database; returns how many stand there.

    History has no assessments: decisions read events, labels and statuses only.
    """
    if Transaction.objects.exists():
        return Transaction.objects.order_by("-pk").values_list("pk", flat=True)[0]
    client = client_system(CLIENT).pk
    customers = _store_customers(population)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # no foreign key check for each row
        indexes = take_indexes(cursor)
        for part in parts(population, events):
            _copy_part(cursor, population, part, client, customers)
            progress(f"{part.ids[-1]:,} of {events + HOT_EVENTS:,} events copied")
        for definition in indexes:
            progress(definition.partition(" ON ")[0].lower())
            cursor.execute(definition)
        cursor.execute(LABELS)
        cursor.execute(f"select setval('{TABLE}_id_seq', max(id)) from {TABLE}")
        stored = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
        cursor.execute("checkpoint")
    return stored


def _store_customers(population: Population) -> int:
    """All customers; returns the id of the first."""
    names = [text.decode() for text in population.accounts.texts]
    homes = [COUNTRIES[place] for place in population.homes]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into users_customer"
            " (external_id, name, email, home_country, time_zone, segment, attributes, created_at)"
            " select name, '', '', home, '', '', '{}', now()"
            " from unnest(%s::text[], %s::text[]) with ordinality as given(name, home, place)"
            " order by place returning id",
            (names, homes),
        )
        return cursor.fetchone()[0]


def take_indexes(cursor) -> list[str]:
    """Drop all indexes but the primary key; returns the statements that build them again."""
    cursor.execute(
        "select indexname, indexdef from pg_indexes where tablename = %s and indexname not like '%%_pkey'",
        (TABLE,),
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"drop index {name}")
    return [definition for _, definition in found]


def _copy_part(cursor, population: Population, part: Part, client: int, customers: int) -> None:
    columns = _table_columns(population, part, client, customers)
    has_merchant = part.to_merchant | (part.senders == HOT)
    for rows, extra in ((has_merchant, ("merchant_id", "merchant_key")), (~has_merchant, ())):
        if rows.any():
            names = [name for name in columns if name in extra or not name.startswith("merchant_")]
            taken = {name: (columns[name][0], columns[name][1][rows]) for name in names}
            cursor.copy_expert(
                f"copy {TABLE} ({', '.join(taken)}) from stdin (format binary)", binary_copy.stream(taken)
            )


def _table_columns(
    population: Population, part: Part, client: int, customers: int
) -> dict[str, tuple[str, np.ndarray]]:
    n = len(part.ids)
    integers = event_columns(population, part)
    account, shop = population.accounts.texts, population.merchants.texts
    shops = shop[np.where(part.to_merchant, part.receivers, 0)]
    people = account[np.where(part.to_merchant, 0, part.receivers)]
    home = home_texts(population, part)
    names = np.array([b"H%010d" % number for number in part.ids.tolist()])
    columns = {
        "id": ("bigint", part.ids),
        "client_id": ("bigint", np.full(n, client)),
        "transaction_id": ("text", names),
        "body_digest": ("bytea", np.resize(np.frombuffer(bytes(range(16)), "V16"), n)),
        "customer_id": ("bigint", part.senders + customers),
        "occurred_at": ("timestamptz", part.at),
        "received_at": ("timestamptz", part.at),
        "amount": ("numeric", part.amount_minor),
        "currency": ("text", np.full(n, b"USD")),
        "sender_id": ("text", account[part.senders]),
        "receiver_id": ("text", np.where(part.to_merchant, shops, people)),
        "user_id": ("text", account[part.senders]),
        "card_token": ("text", population.cards.texts[part.senders]),
        "device_id": ("text", population.devices.texts[part.senders]),
        "ip_address": ("inet", population.address_bytes[part.senders]),
        "ip_country": ("text", home),
        "country": ("text", home),
        "merchant_id": ("text", np.where(part.to_merchant, shops, account[part.senders])),
        "merchant_key": ("bigint", integers["merchant_key"]),
    }
    return columns | {name: (kind, integers[name]) for name, kind in INTEGERS.items()}
