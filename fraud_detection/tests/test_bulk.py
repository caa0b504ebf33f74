"""Rows of a file decided together store what each stores alone, in the order of the file."""

import random
from datetime import UTC, datetime

import pytest
from django.db import transaction

from fraud_detection.models import ListEntry, RuleSnooze
from fraud_detection.services import rulebook
from fraud_detection.services import serving as state
from fraud_detection.services.bulk import ChunkResult, decide_rows
from fraud_detection.services.bulk.plain import decide_plainly
from fraud_detection.tests.bulk_rows import compared, file_rows, stored
from fraud_detection.tests.rule_life import CODE, active, drafted, redrafted
from ml.domains.payments.generator import generate
from transactions.models import Transaction
from users.services import client_system

pytestmark = pytest.mark.django_db
COUNT = 160


@pytest.fixture(scope="module")
def payments():
    """Two weeks of generated traffic as records, in time order."""
    frame = generate(customers=30, days=14, fraud_rate=0.08, seed=11, until=datetime(2026, 6, 1, tzinfo=UTC))
    frame = frame.drop(columns=["is_fraud", "scheme"]).tail(COUNT)
    return [{k: v for k, v in row.items() if v is not None and v == v} for row in frame.to_dict("records")]


@pytest.fixture
def compare():
    """compare(rows, 100): what is stored, one by one and 100 at a time."""
    return compared


def test_what_is_stored_is_what_single_payments_store(champion, payments, compare):
    alone = compare(file_rows(payments))
    assert len(alone["events"]) == COUNT and alone["hits"] and alone["alerts"]
    assert {row["decision"] for row in alone["assessments"]} >= {"approve", "review"}


def test_rows_that_come_late_see_only_what_stands_before_them(champion, payments, compare):
    shuffled = list(payments)
    random.Random(5).shuffle(shuffled)
    compare(file_rows(shuffled), 80)


def test_declines_within_the_file_count(champion, payments, compare):
    statuses = ("declined", "", "accepted", "declined", "")
    told = [payment | {"status": statuses[n % 5]} for n, payment in enumerate(payments)]
    alone = compare(file_rows(told[40:80] + told[:40] + told[80:]), 120)
    assert len(alone["statuses"]) > COUNT // 2


def test_every_field_and_currency(champion, payments, compare):
    odd = [
        {"currency": "EUR", "sender_balance_before": "-12.5", "sender_balance_after": "1000.0055"},
        {"metadata": '{"note": "tab\\t and \\u00e9", "n": 1.5}', "region": 'Łódź \\N "quoted"'},
        {"email": "Ana@Example.com", "sender_name": "Ana O'Neill", "branch": "B\\1", "status": "pending"},
        {"latitude": "52.5", "longitude": "-0.125", "channel": "POS", "merchant_category": "5411"},
        {"ip_address": "2001:db8::1", "ip_country": "de", "sender_country": "PL", "type": "cash-out"},
        {"amount": "1e2", "user_id": "C-extra", "receiver_country": "FR", "type": "refund"},
        {"amount": " 7.10", "card_token": "4111111111111111", "sender_name": "card 4111 1111 1111 1111"},
        {"amount": "0", "device_id": "0" * 128, "receiver_balance_before": "0.005"},
    ]
    compare(file_rows([payment | odd[n % len(odd)] for n, payment in enumerate(payments)]), 120)


def test_listed_snoozed_and_released(champion, payments, compare):
    senders = [payment["sender_id"] for payment in payments]
    for name, kind, value in (
        ("block", "account", senders[3]),
        ("allow", "account", senders[40]),
        ("block", "ip_range", "10.0.0.0/8"),
    ):
        ListEntry.objects.create(list=name, kind=kind, value=value, reason="test", created_by="tests")
    for subject in set(senders[:10]):
        RuleSnooze.objects.create(
            engine="payments", rule="BALANCE_MISMATCH", subject_kind="sender", subject=subject,
            reason="test", until=datetime(2099, 1, 1, tzinfo=UTC), created_by="tests",
        )  # fmt: skip
    state.forget()
    alone = compare(file_rows(payments), 120)
    assert any(row["texts"]["on_block_list"] for row in alone["assessments"])


def test_shares_of_a_rule_and_a_version_in_shadow(champion, person, payments, compare):
    ana, ben = (person("admin", email=f"{name}@example.com") for name in ("ana", "ben"))
    first = active(drafted(ana, params={"least": 40.0}), ana, ben)
    often = {"condition": "amount >= p.least && sender_count_24h >= 1", "params": {"least": 30.0}}
    active(redrafted(first.rule, ana, severity="low", **often), ana, ben, rollout=40)
    rule = redrafted(first.rule, ana, severity="critical", params={"least": 90.0})
    rulebook.start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    alone = compare(file_rows(payments), 160)
    assert {hit[2] for hit in alone["hits"] if hit[1] == CODE} == {1, 2} and alone["shadow hits"]


def test_labels_of_the_file_are_stored(champion, payments):
    labels = [None if n % 3 == 0 else n % 7 == 0 for n in range(COUNT)]
    rows, client = file_rows(payments, labels), client_system("labels")
    with transaction.atomic():
        decide_plainly("payments", rows, client, ChunkResult())
        alone = stored()["labels"]
        transaction.set_rollback(True)
    decide_rows("payments", rows, client=client)
    assert stored()["labels"] == alone and len(alone) == sum(label is not None for label in labels)


def test_bad_repeated_and_known_rows(champion, payments):
    records = [dict(payment) for payment in payments]
    records[5]["amount"] = "many"
    records[6]["occurred_at"] = "2999-01-01T00:00:00Z"
    records[7]["sender_id"] = " "
    records[8]["currency"] = "XXX"
    records[20] = dict(records[10])
    records[21] = records[11] | {"amount": "1.23"}
    rows, client = file_rows(records), client_system("bulk")
    decide_rows("payments", rows[100:103], client=client)
    one = decide_rows("payments", rows, client=client)
    assert (one.stored, one.repeated, one.failed) == (COUNT - 9, 4, 5)
    assert [(refusal.line, refusal.column) for refusal in one.refused] == [
        (7, "amount"), (8, "occurred_at"), (9, "sender_id"), (10, "currency"), (23, "transaction_id"),
    ]  # fmt: skip
    assert [result.line for result in one.results if result.replayed] == [22, 102, 103, 104]
    again = decide_rows("payments", rows, client=client)
    assert (again.stored, again.repeated, again.failed) == (0, COUNT - 5, 5)
    assert again.refused == one.refused and Transaction.objects.count() == COUNT - 6
    assert [result[1:6] for result in again.results] == [result[1:6] for result in one.results]


def test_a_model_that_failed_leaves_every_decision_degraded(payments_engine, payments):
    client = client_system("bulk")
    result = decide_rows("payments", file_rows(payments[:120]), client=client)
    assert set(result.decisions) == {"review", "decline"} and result.stored == 120
    assert all(row["degraded_parts"] == ["model"] for row in stored()["assessments"])
