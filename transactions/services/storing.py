"""Storing events exactly once, in the order their accounts allow.

These run inside the decision's transaction and speak SQL: each statement here is on the path of
every event, and an ORM object costs more than the statement.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from transactions.services.copying import copy_in
from transactions.services.given_status import (
    store_given_status,
    store_given_statuses,
    take_back_decline,
)
from transactions.services.prepared import run_prepared

COLUMNS = (
    *("id", "client_id", "transaction_id", "body_digest", "customer_id", "occurred_at", "received_at"),
    *(
        "type",
        "amount",
        "currency",
        "sender_id",
        "receiver_id",
        "user_id",
        "merchant_id",
        "merchant_category",
    ),
    *(
        "card_token",
        "device_id",
        "ip_address",
        "ip_country",
        "email",
        "country",
        "region",
        "latitude",
        "longitude",
    ),
    *("channel", "branch", "sender_balance_before", "sender_balance_after"),
    *("receiver_balance_before", "receiver_balance_after", "sender_name", "receiver_name"),
    *("sender_country", "receiver_country", "status", "metadata"),
    *("amount_minor", "amount_ln", "original_minor", "sender_key", "receiver_key", "card_key", "device_key"),
    *("ip_key", "merchant_key", "region_key", "branch_key", "country_code", "latitude_e6", "longitude_e6"),
    *("local_hour", "sender_is_merchant", "receiver_is_merchant"),
)
INSERT = (
    f"insert into transactions_transaction ({', '.join(COLUMNS)}) values ({', '.join(['%s'] * len(COLUMNS))})"
    " on conflict (client_id, transaction_id) where superseded_by_id is null do nothing"
)
LOCK = """
    select pg_advisory_xact_lock(k), set_config('statement_timeout', %s, true) from unnest(%s::bigint[]) as k
"""
SLOT = """
    select nextval('transactions_transaction_id_seq'), clock_timestamp(),
           known.id, known.body_digest, customer.id, customer.home_country, customer.time_zone
    from (select 1) as one
    left join transactions_transaction known
        on known.client_id = %s and known.transaction_id = %s and known.superseded_by_id is null
    left join users_customer customer on customer.external_id = %s
"""
NEW_CUSTOMER = """
    insert into users_customer as c
        (external_id, name, email, home_country, time_zone, segment, attributes, created_at)
    values (%s, %s, %s, %s, '', '', '{}', %s)
    on conflict (external_id) do update
        set home_country = coalesce(nullif(c.home_country, ''), excluded.home_country)
    returning id
"""


class Slot(NamedTuple):
    """An event's place: its id and the clock, what already stands there, and its customer, if known."""

    id: int
    now: datetime
    known_id: int | None
    known_digest: bytes | None
    customer_id: int | None
    home_country: str | None
    time_zone: str | None


class KnownCustomer(NamedTuple):
    """A customer that exists."""

    id: int
    home_country: str
    time_zone: str


class NewCustomer(NamedTuple):
    """What is known of a customer at first sight."""

    name: str
    email: str
    home_country: str


class Slots(NamedTuple):
    """Places for many events: ids and the clock, what already stands there, and their customers."""

    ids: list[int]
    now: datetime
    known: dict[str, tuple[int, bytes]]
    customers: dict[str, KnownCustomer]


def lock_accounts(keys: Iterable[int], *, patience_ms: int) -> None:
    """Hold these entities until the transaction ends, taken in sorted order, so that none deadlock.

    A statement of its own: the ones after it see what was committed while it waited. Each of those
    may then take `patience_ms`.
    """
    with connection.cursor() as cursor:
        run_prepared(cursor, "lock_accounts", LOCK, (str(patience_ms), sorted(set(keys))))


def open_slot(*, client_id: int, transaction_id: str, customer: str) -> Slot:
    """The next id and the clock, with what is stored under the same external id and customer."""
    with connection.cursor() as cursor:
        run_prepared(cursor, "open_slot", SLOT, (client_id, transaction_id, customer))
        row = cursor.fetchone()
    digest = bytes(row[3]) if row[3] is not None else None
    return Slot(row[0], row[1], row[2], digest, *row[4:])


def open_slots(*, client_id: int, transaction_ids: Sequence[str], customers: Collection[str]) -> Slots:
    """`open_slot` for many events of one client."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        now = cursor.fetchone()[0]
        cursor.execute(
            "select nextval('transactions_transaction_id_seq') from generate_series(1, %s)",
            (len(transaction_ids),),
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "select transaction_id, id, body_digest from transactions_transaction"
            " where client_id = %s and transaction_id = any(%s) and superseded_by_id is null",
            (client_id, list(transaction_ids)),
        )
        known = {name: (event, bytes(digest)) for name, event, digest in cursor.fetchall()}
        cursor.execute(
            "select external_id, id, home_country, time_zone from users_customer where external_id = any(%s)",
            (list(customers),),
        )
        found = {name: KnownCustomer(*rest) for name, *rest in cursor.fetchall()}
    return Slots(ids, now, known, found)


def ensure_customers(wanted: Mapping[str, NewCustomer], now: datetime) -> dict[str, int]:
    """`ensure_customer` for many, in the order of their ids, so that two batches cannot deadlock."""
    if not wanted:
        return {}
    rows = [(name, *wanted[name], now) for name in sorted(wanted)]
    one = NEW_CUSTOMER.partition("values")[2].partition("on conflict")[0].strip()
    text = NEW_CUSTOMER.replace(one, ", ".join([one] * len(rows))).replace(
        "returning id", "returning external_id, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [value for row in rows for value in row])
        return dict(cursor.fetchall())


def ensure_customer(external_id: str, *, name: str, email: str, home_country: str, now: datetime) -> int:
    """The id of a customer, made on first sight; a home country is filled in once it is known."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_CUSTOMER, (external_id, name, email, home_country, now))
        return cursor.fetchone()[0]


def store_transaction(row: Mapping[str, Any]) -> bool:
    """Insert one event and its status, if given; False when a simultaneous other took its external id."""
    with connection.cursor() as cursor:
        run_prepared(cursor, "store_transaction", INSERT, [row.get(column) for column in COLUMNS])
        stored = cursor.rowcount == 1
    if stored:
        store_given_status(row)
    return stored


def store_transactions(rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many events by COPY; raises IntegrityError when an id was taken at the same moment."""
    copy_in("transactions_transaction", COLUMNS, ([row.get(column) for column in COLUMNS] for row in rows))
    store_given_statuses(rows)


class CurrentVersion(NamedTuple):
    """The current version of an event, and the accounts it concerns."""

    id: int
    digest: bytes
    occurred_at: datetime
    keys: tuple[int, ...]


def current_version(client_id: int, transaction_id: str) -> CurrentVersion | None:
    """The version of an event that no other supersedes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, body_digest, occurred_at, sender_key, receiver_key, card_key, device_key"
            " from transactions_transaction"
            " where client_id = %s and transaction_id = %s and superseded_by_id is null",
            (client_id, transaction_id),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return CurrentVersion(row[0], bytes(row[1]), row[2], tuple(key for key in row[3:] if key is not None))


def supersede(old_id: int, new_id: int) -> None:
    """Say that a version gives way to one that is about to be stored."""
    take_back_decline(old_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "update transactions_transaction set superseded_by_id = %s where id = %s", (new_id, old_id)
        )


def stored_event(client_id: int, transaction_id: str) -> tuple[int, bytes] | None:
    """The id and body digest of the current version of an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, body_digest from transactions_transaction"
            " where client_id = %s and transaction_id = %s and superseded_by_id is null",
            (client_id, transaction_id),
        )
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None
