"""What the database refuses, and COPY in and out."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from transactions.models import Transaction
from transactions.selectors import found_by_card, found_by_text, transaction_list
from transactions.services import copy_in, copy_out, ensure_customer, open_slot, stored_event
from users.models import Customer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def table():
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table copied (id int, words text, number numeric, raw bytea, flag boolean)"
        )
    yield "copied"
    with connection.cursor() as cursor:
        cursor.execute("drop table copied")


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"select id, words, number, raw, flag from {table} order by id")
        return [(*row[:3], row[3] and bytes(row[3]), row[4]) for row in cursor.fetchall()]


def test_everything_that_is_copied_in_comes_back(table):
    words = [
        "",
        " ",
        "\\N",
        "\\",
        "\\\\n",
        "a\tb",
        "line\nline\r\n",
        "\\.",
        "ünïcödé 🔑 \u2028",
        "N",
        "'\"--;",
        "\x01",
    ]
    rows = [(n, text, Decimal("1.50"), bytes(range(256)), n % 2 == 0) for n, text in enumerate(words)]
    rows.append((len(rows), None, None, None, None))
    copy_in(table, ("id", "words", "number", "raw", "flag"), rows)
    assert rows_of(table) == rows


def test_a_bad_row_refuses_all(table):
    with pytest.raises(DataError), transaction.atomic():
        copy_in(table, ("id", "words"), [(1, "good"), ("not a number", "bad")])
    assert rows_of(table) == []


def test_nothing_may_be_copied(table):
    copy_in(table, ("id",), [])
    assert rows_of(table) == []


def test_whole_numbers_and_times_are_copied_out():
    query = (
        "select * from (values (%s::bigint, %s::timestamptz), (-1, '1970-01-01T00:00:00Z')) as given(n, at)"
    )
    arrays = copy_out(query, (2**62, NOW), ("n", "at"), times=("at",))
    assert arrays["n"].tolist() == [2**62, -1] and arrays["n"].dtype == np.int64
    assert arrays["at"].tolist() == [int(NOW.timestamp()) * 1_000_000, 0]
    assert copy_out("select 1::bigint where false", (), ("n",))["n"].tolist() == []


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount": -1}, "transactions_amount_not_negative"),
        ({"type": 7}, "transactions_type_known"),
        ({"local_hour": 24}, "transactions_local_hour_range"),
    ],
)
def test_the_database_refuses_what_is_no_event(stored, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        stored(**changes)
    assert not Transaction.objects.exists()


def test_an_id_stands_once_per_client_among_current_versions(stored):
    first = stored(transaction_id="T")
    with pytest.raises(IntegrityError, match="transactions_one_current_version"), transaction.atomic():
        stored(transaction_id="T")
    newer = stored(transaction_id="T-newer")
    with pytest.raises(IntegrityError, match="transactions_superseded_by_newer"), transaction.atomic():
        Transaction.objects.filter(pk=newer.pk).update(superseded_by=first)
    Transaction.objects.filter(pk=first.pk).update(superseded_by=newer)
    again = stored(transaction_id="T")
    assert list(transaction_list()) == [again, newer]
    assert stored_event(again.client_id, "T") == (again.pk, b"0" * 16)
    assert stored_event(again.client_id, "unknown") is None


def test_a_customer_is_made_once_and_its_home_filled_in_once(client_system):
    ask = {"name": "Ana", "email": "", "now": NOW}
    made = ensure_customer("acc-9", home_country="", **ask)
    assert ensure_customer("acc-9", home_country="PT", **ask) == made
    assert ensure_customer("acc-9", home_country="US", **(ask | {"name": "Bob"})) == made
    assert Customer.objects.values_list("name", "home_country").get() == ("Ana", "PT")
    slot = open_slot(client_id=client_system.pk, transaction_id="T", customer="acc-9")
    assert (slot.known_id, slot.customer_id, slot.home_country) == (None, made, "PT")


@pytest.mark.parametrize("text", ["T-1", "acc-1", "acc-2", "10.0.0.7", "card-1", "shop-1", "dev-1", "ana"])
def test_an_event_is_found_by_any_of_its_ids(stored, text):
    event = stored(ip_address="10.0.0.7", card_token="card-1", merchant_id="shop-1", device_id="dev-1")
    Customer.objects.update(name="Ana Analyst")
    assert list(found_by_text(transaction_list(), text)) == [event]
    assert list(found_by_text(transaction_list(), text + "x")) == []


CARD, OTHER = "4111111111111111", "5555555555554444"


@pytest.mark.parametrize("text", ["1111", "4111111111", "411111 1111", "411111******1111", " 411111…1111 "])
def test_an_event_is_found_by_what_a_receipt_shows_of_its_card(stored, text):
    event = stored(transaction_id="A", card_token=CARD)
    stored(transaction_id="B", card_token=OTHER)
    stored(transaction_id="C", card_token="tok-1111")
    assert list(found_by_card(transaction_list(), text)) == [event]
    assert list(found_by_text(transaction_list(), text)) == [event]


@pytest.mark.parametrize("text", ["4444x", "44", "44444", "4111114444", "\u0661\u0661\u0661\u0661", "%", ""])
def test_less_or_other_than_that_finds_no_card(stored, text):
    stored(card_token=OTHER)
    assert list(found_by_card(transaction_list(), text)) == []


def test_the_end_of_a_card_is_looked_up_in_its_index(stored):
    stored(card_token=CARD)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    asked = found_by_card(Transaction.objects.all(), "4111111111").order_by("-id")[:8]
    plan = asked.explain()
    assert "transactions_card_tail" in plan and "Sort" not in plan


def test_lists_are_handed_to_the_database_whole_whatever_their_texts_hold():
    texts = ["plain", 'a "quoted" one', "back\\slash", "comma, {brace}", ""]
    query = "select n, length(t)::bigint from unnest(%s::bigint[], %s::text[]) as given(n, t)"
    found = copy_out(query, ([5, -4, 3, 2**62, 0], texts), ("n", "length"))
    assert found["n"].tolist() == [5, -4, 3, 2**62, 0]
    assert found["length"].tolist() == [len(text) for text in texts]
