"""Whatever a file holds, its rows are decided together as each would be alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_detection.services.bulk.encoding import encode
from fraud_detection.services.bulk.reading import read_columns
from fraud_detection.services.bulk.result import ChunkResult
from fraud_detection.services.payment_events import read_request
from fraud_detection.tests.bulk_rows import compared, file_rows
from ml.domains.fields import RecordRefused
from ml.features.spec import NULL
from transactions.services import array_text
from users.services import client_system

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)
ODD_TEXTS = ("", " ", "  x", "Łódź", "a\\b", 'say "so"', "4111 1111 1111 1111", "5500000000000004", "x" * 300)
ODD_TEXTS += ("tab\there", "\u200b", "100%s", "1234.5678.9012.3456", "012345678901", "%")
words = st.sampled_from(ODD_TEXTS) | st.text(st.characters(codec="utf-8"), max_size=12)
people = st.sampled_from(("C1", "C2", "C3", "C4"))
amounts = st.sampled_from(("1", "12.50", "54321.00", "0.005", "1e2", " 7.1", "-3", "", "many", "9000.0001"))
records = st.fixed_dictionaries(
    {
        "occurred_at": st.integers(0, 5_000).map(lambda m: (BEGIN + timedelta(minutes=m)).isoformat()),
        "amount": amounts,
        "sender_id": people | words,
        "receiver_id": people,
        "currency": st.sampled_from(("", "USD", "EUR")),
        "type": st.sampled_from(("transfer", "payment", "refund", "", "cash-out")),
        "status": st.sampled_from(("", "", "declined", "accepted")),
        "merchant_id": st.sampled_from(("", "", "M1", "C1")),
        "card_token": st.sampled_from(("", "K1", "K2", "4111111111111111")),
        "device_id": st.sampled_from(("", "D1", "D2")),
        "ip_address": st.sampled_from(("", "10.0.0.1", "10.0.0.01", "2001:db8::1", "no")),
        "country": st.sampled_from(("", "DE", "pl", "DEU")),
        "sender_name": words,
        "latitude": st.sampled_from(("", "52.5", "-0.0", "91")),
    }
)


def numbered(drawn):
    return file_rows([{"transaction_id": f"T{n}", **record} for n, record in enumerate(drawn)])


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records, min_size=4, max_size=14), st.integers(2, 14))
def test_any_rows_are_stored_as_each_alone(champion, drawn, size):
    with transaction.atomic():
        compared(numbered(drawn), size)
        transaction.set_rollback(True)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records, min_size=1, max_size=8))
def test_any_rows_are_read_as_each_alone(db, drawn):
    rows, client, result = numbered(drawn), client_system("bulk"), ChunkResult()
    columns = read_columns(rows, client, result)
    alone, refused = {}, []
    for row in rows:
        try:
            alone[row.line] = read_request(row.record, client=client, text=True)
        except RecordRefused as refusal:
            refused.append((row.line, [problem.detail for problem in refusal.problems]))
    assert [row.line for row in columns.rows] == list(alone)
    assert columns.digests == [request.digest for request in alone.values()]
    assert {line for line, _ in refused} == {refusal.line for refusal in result.refused}
    assert [one.reason for one in sorted(result.refused, key=lambda one: one.line)] == [
        detail for _, details in refused for detail in details
    ]
    for name in ("sender_id", "receiver_id", "sender_name", "card_token", "ip_address", "country"):
        assert columns.column(name) == [request.values.get(name) for request in alone.values()], name
    keys = encode(columns).integers["card_key"] if alone else ()
    assert [key == NULL for key in keys] == [not r.values.get("card_token") for r in alone.values()]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))),
    st.lists(st.integers(-(2**63), 2**63 - 1)),
)
def test_arrays_are_read_back_as_they_were(db, texts, numbers):
    with connection.cursor() as cursor:
        cursor.execute("select %s::text[], %s::bigint[]", (array_text(texts), array_text(numbers)))
        assert cursor.fetchone() == (texts, numbers)
