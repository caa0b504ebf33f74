"""The aml engine among many transfers: features, round trips and rules of one event, by kind of account."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks import store
from benchmarks.house import progress
from benchmarks.report import Row
from fraud_detection.services.engine_setup import install
from fraud_detection.services.judging import features_of, measured
from fraud_detection.services.scoring import score
from fraud_detection.services.serving import Serving, serving
from transactions.models import Transaction
from users.services import client_system

ACCOUNTS, CLUSTER, DAYS = 20_000, 60, 30
HUB_EVERY, CLUSTER_EVERY = 10, 50  # one transfer in ten is the hub's: 100,000 of a million
HUB = 0
CALLS = 300
AFTER_ALL = 2**62
# An account's key is its number, spread over the integers; a cluster passes similar amounts round and round.
FILL = """
    insert into transactions_transaction (
        client_id, transaction_id, body_digest, customer_id, occurred_at, received_at, type, amount, currency,
        sender_id, receiver_id, user_id, amount_minor, amount_ln, original_minor, sender_key, receiver_key,
        local_hour, sender_is_merchant, receiver_is_merchant, channel
    )
    select %(client)s, 'T' || i, '\\x00', %(customer)s, at, at, 2, minor / 100.0, 'USD',
        'A' || sender, 'A' || receiver, 'A' || sender, minor, round(10000 * ln(minor)), minor,
        sender * 2654435761, receiver * 2654435761, extract(hour from at), 0, 0, 2
    from (
        select i, now() - (%(events)s - i) * (interval '30 days' / %(events)s) as at,
            case when i %% %(hub)s = 0 then (case when i %% (2 * %(hub)s) = 0 then 0 else other end)
                 when i %% %(cluster)s = 1 then 1 + other %% %(members)s else other end as sender,
            case when i %% %(hub)s = 0 then (case when i %% (2 * %(hub)s) = 0 then another else 0 end)
                 when i %% %(cluster)s = 1 then 1 + (other + 1 + another %% (%(members)s - 1)) %% %(members)s
                 else another end as receiver,
            case when i %% %(cluster)s = 1 then 100000 + abs(hashint8(3 * i)::bigint) %% 20000
                 else 2000 + abs(hashint8(3 * i)::bigint) %% 500000 end as minor
        from (
            select i, 100 + abs(hashint8(i)::bigint) %% %(accounts)s as other,
                100 + abs(hashint8(-i)::bigint) %% %(accounts)s as another
            from generate_series(1::bigint, %(events)s) as s(i)
        ) numbered
    ) moved
"""


def rows(*, events: int) -> Iterator[Row]:
    install()
    _fill(events)
    state = serving("aml")
    rng = np.random.default_rng(7)
    for name, pairs in _kinds(rng).items():
        yield _timed(state, name, pairs)


def _kinds(rng: np.random.Generator) -> dict[str, list[tuple[int, int]]]:
    """Sender and receiver of the events to be timed."""
    others = rng.integers(100, 100 + ACCOUNTS, (CALLS, 2)).tolist()
    members = [(1 + a % CLUSTER, 1 + b % CLUSTER) for a, b in rng.integers(0, 10**6, (CALLS, 2)).tolist()]
    return {
        "typical": [(one, other) for one, other in others],
        "hub sends": [(HUB, other) for _, other in others],
        "hub receives": [(one, HUB) for one, _ in others],
        "dense cluster": [(a, b if a != b else 1 + b % CLUSTER) for a, b in members],
    }


def _timed(state: Serving, name: str, pairs: list[tuple[int, int]]) -> Row:
    whole, search, cut = [], [], 0
    for sender, receiver in pairs:
        event = _event(sender, receiver)
        with transaction.atomic():
            began = time.perf_counter()
            trip = measured(state, event)
            searched = time.perf_counter()
            features, failed = features_of(state, event)
            score(state, features, {"customer": "A"}, failed)
            whole.append(time.perf_counter() - searched)
            search.append(searched - began)
            cut += trip["trip.cut"]
    return {
        "what": f"features, graph and rules of one event, {name}",
        "p50_ms": 1000 * float(np.quantile(whole[10:], 0.5)),
        "p99_ms": 1000 * float(np.quantile(whole[10:], 0.99)),
        "max_ms": 1000 * max(whole[10:]),
        "search_p99_ms": 1000 * float(np.quantile(search[10:], 0.99)),
        "left_to_worker": cut / len(pairs),
    }


def _event(sender: int, receiver: int) -> dict[str, Any]:
    """A transfer of now; as stored, but it is not."""
    minor, factor = 105_000, 2_654_435_761
    return {
        "id": AFTER_ALL,
        "occurred_at": datetime.now(UTC) + timedelta(seconds=1),
        "type": 2,
        "channel": 2,
        "amount_minor": minor,
        "original_minor": minor,
        "amount_ln": 115617,
        "sender_key": sender * factor,
        "receiver_key": receiver * factor,
        "sender_is_merchant": 0,
        "receiver_is_merchant": 0,
        "local_hour": 12,
    }


def _fill(events: int) -> None:
    if Transaction.objects.exists():
        return
    client = client_system(store.CLIENT)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into users_customer (external_id, name, email, home_country, time_zone, segment,"
            " attributes, created_at) values ('A', '', '', '', '', '', '{}', now())"
            " on conflict (external_id) do update set name = '' returning id"
        )
        given = {"client": client.pk, "customer": cursor.fetchone()[0], "events": events}
        given |= {"hub": HUB_EVERY, "cluster": CLUSTER_EVERY, "members": CLUSTER, "accounts": ACCOUNTS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # no foreign key check for each row
        indexes = store.take_indexes(cursor)
        progress(f"{events:,} transfers")
        cursor.execute(FILL, given)
        for definition in indexes:
            cursor.execute(definition)
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
