"""Events at the edges of what is accepted: stored with the right integers, decided, or refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fraud_detection.models import Assessment
from fraud_detection.selectors import feature_values
from fraud_detection.services.decisions import RecordRefused, decide_payment, decide_payments
from transactions.fx import forget_cached_rates
from transactions.models import FxRate, Transaction
from users.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approving_engine")]


@pytest.fixture
def sent(payment, client_system):
    """sent(amount="0") is the stored event of an accepted payment."""

    def send(**changes):
        decided = decide_payment(payment(**changes), client=client_system)
        return Transaction.objects.get(assessments=decided.assessment_id)

    return send


@pytest.fixture
def refusal(payment, client_system):
    """refusal(amount="-1") is [(field, code)] of a payment that is refused, nothing being stored."""

    def send(**changes):
        with pytest.raises(RecordRefused) as refused:
            decide_payment(payment(**changes), client=client_system)
        assert not Transaction.objects.exists() and not Customer.objects.exists()
        return [(problem.field, problem.code) for problem in refused.value.problems]

    return send


@pytest.fixture
def euro():
    """One euro is 1.10 dollars until the tenth of January 2026, 1.20 from then on."""
    days = {"2026-01-01": "1.10", "2026-01-10": "1.20"}
    FxRate.objects.create(currency="USD", day="2026-01-01", usd=1)
    FxRate.objects.create(currency="BTC", day="2026-01-01", usd=100_000)
    FxRate.objects.bulk_create(FxRate(currency="EUR", day=day, usd=usd) for day, usd in days.items())
    forget_cached_rates()
    yield
    forget_cached_rates()


def test_without_a_moment_it_happened_when_it_was_decided(sent):
    before = datetime.now(UTC)
    event = sent()
    assert before <= event.occurred_at == event.received_at <= datetime.now(UTC)
    assert event.local_hour == event.occurred_at.hour


@pytest.mark.parametrize(
    ("moment", "utc", "hour"),
    [
        ("2026-01-05T23:30:00+09:00", "2026-01-05T14:30:00+00:00", 23),
        ("2026-01-05T10:00:00.123456", "2026-01-05T10:00:00.123456+00:00", 10),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", 0),
        ("1999-12-31", "1999-12-31T00:00:00+00:00", 0),
    ],
)
def test_moments_keep_their_local_hour(sent, moment, utc, hour):
    event = sent(occurred_at=moment)
    assert (event.occurred_at.isoformat(), event.local_hour) == (utc, hour)


def test_the_clock_of_a_client_may_run_five_minutes_fast(sent, refusal):
    late = datetime.now(UTC) + timedelta(minutes=6)
    assert refusal(occurred_at=late.isoformat()) == [("occurred_at", "in_the_future")]
    assert refusal(occurred_at="9999-12-31T23:59:59-12:00") == [("occurred_at", "in_the_future")]
    assert refusal(occurred_at="1969-12-31T23:59:59Z") == [("occurred_at", "too_early")]
    assert refusal(occurred_at="0001-01-01T00:00:00+14:00") in (
        [("occurred_at", "not_a_time")],
        [("occurred_at", "too_early")],
    )
    near = datetime.now(UTC) + timedelta(minutes=4)
    assert sent(occurred_at=near.isoformat()).occurred_at == near


@pytest.mark.parametrize(
    ("day", "minor"), [("2026-01-05", 11_000), ("2026-01-10", 12_000), ("2020-01-01", 11_000)]
)
def test_another_currency_counts_at_the_rate_of_its_day(sent, euro, day, minor):
    event = sent(
        amount="100.00", currency="eur", occurred_at=f"{day}T12:00:00Z", sender_balance_before="500.00"
    )
    assert (event.currency, event.amount, event.original_minor, event.amount_minor) == (
        "EUR",
        100,
        10_000,
        minor,
    )
    body = Assessment.objects.get()
    assert body.amount_minor == minor
    assert feature_values(body)["sender_balance_before"] == 5 * minor / 100


def test_what_is_too_large_in_the_reporting_currency_is_refused(sent, refusal, euro):
    assert refusal(amount="100000000", currency="BTC") == [("amount", "too_large")]
    assert refusal(amount="1", sender_balance_before="-100000000", currency="BTC") == [
        ("sender_balance_before", "too_large")
    ]
    assert sent(amount="99999999.9999", currency="BTC").amount_minor == 999_999_999_999_000


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("0", 0),
        (0, 0),
        (-0.0, 0),
        ("0.0001", 0),
        ("0.005", 0),
        ("0.015", 2),
        (12.5, 1250),
        ("9999999999999.9999", 1_000_000_000_000_000),
        ("1e3", 100_000),
        ("0e9999999", 0),
        ("0e-9999999", 0),
        ("1.500000000000000000000000000000000000", 150),
    ],
)
def test_amounts(sent, amount, minor):
    event = sent(amount=amount)
    assert event.amount_minor == minor
    assert (event.amount_ln is None) == (minor == 0)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("10000000000000", "too_large"),
        ("-0.0001", "too_small"),
        ("1.00001", "too_precise"),
        ("1.0000000000000000000000000000000000001", "too_precise"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        (float("nan"), "not_a_number"),
        ("1_000", "not_a_number"),
        (True, "wrong_type"),
        ([], "wrong_type"),
        ("1e9999999", "too_large"),
        ("1e-9999999", "too_precise"),
        ("", "not_a_number"),
    ],
)
def test_refused_amounts(refusal, amount, code):
    assert refusal(amount=amount) == [("amount", code)]


@pytest.mark.parametrize(
    "text", ["x" * 128, "ünïcödé-🔑-" + "字" * 100, "a'; drop table users_user; --", "\\N", "a\\tb"]
)
def test_ids_are_kept_as_they_are(sent, text):
    event = sent(transaction_id=text, sender_id=text, receiver_id=text, device_id=text, card_token=text)
    assert (event.transaction_id, event.sender_id, event.device_id) == (text, text, text)
    assert event.customer.external_id == text and event.sender_key == event.receiver_key


def test_hostile_ids_are_the_same_in_a_batch(payment, client_system):
    texts = ["x" * 128, "字" * 128, "\\N", "\\.", "a\\tb", "'\"", "a\u2028b"]
    records = [payment(transaction_id=text, sender_id=text, metadata={"note": text}) for text in texts]
    decided = decide_payments(records, client=client_system)
    assert [one.body["transaction_id"] for one in decided] == texts
    stored = Transaction.objects.order_by("id").values_list("transaction_id", "sender_id", "metadata__note")
    assert list(stored) == [(text, text, text) for text in texts]
    assert all(one.replayed for one in decide_payments(records, client=client_system))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender_id": "x" * 129}, "too_long"),
        ({"sender_id": "nul\x00"}, "control_character"),
        ({"sender_id": "a\ud800"}, "control_character"),
        ({"sender_id": "tab\t"}, "control_character"),
        ({"sender_id": " "}, "blank"),
        ({"sender_id": 7}, "wrong_type"),
        ({"metadata": {"a": {"b": {"c": {"d": 1}}}}}, "too_deep"),
        ({"metadata": {"a": "x" * 5_000}}, "too_long"),
        ({"metadata": {"a": "\x00"}}, "control_character"),
        ({"metadata": {"a": float("inf")}}, "not_an_object"),
        ({"ip_address": "10.0.0.256"}, "not_an_ip"),
        ({"country": "USA"}, "not_a_country"),
        ({"email": "nobody"}, "not_an_email"),
        ({"latitude": 90.1}, "too_large"),
    ],
)
def test_refused_values(refusal, changes, code):
    assert refusal(**changes) == [(next(iter(changes)), code)]


@pytest.mark.parametrize(
    ("changes", "sender", "receiver"),
    [
        ({}, 0, 0),
        ({"merchant_id": "acc-2"}, 0, 1),
        ({"merchant_id": "shop"}, 0, 1),
        ({"merchant_id": "acc-1"}, 1, 0),
        ({"merchant_id": "shop", "type": "refund"}, 1, 0),
        ({"merchant_id": "acc-1", "type": "refund", "receiver_id": "acc-9"}, 1, 0),
    ],
)
def test_which_side_the_merchant_is_on(sent, changes, sender, receiver):
    event = sent(**changes)
    assert (event.sender_is_merchant, event.receiver_is_merchant) == (sender, receiver)


def test_a_merchant_that_pays_out_often_is_not_velocity(payment, client_system):
    payouts = [
        payment(sender_id="shop", merchant_id="shop", receiver_id=f"acc-{n}", type="refund")
        for n in range(15)
    ]
    assert [one.body["alerts"] for one in decide_payments(payouts, client=client_system)] == [[]] * 15


def test_a_refund_is_about_the_customer_who_gets_it(sent):
    event = sent(type="refund", sender_id="shop", merchant_id="shop", user_id="acc-2", receiver_country="PT")
    assert (event.customer.external_id, event.customer.home_country) == ("acc-2", "PT")


def test_a_late_event_changes_no_earlier_decision_and_sees_only_what_came_before_it(payment, client_system):
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def send(minutes, **changes):
        record = payment(occurred_at=(start + timedelta(minutes=minutes)).isoformat(), **changes)
        assessment = Assessment.objects.get(pk=decide_payment(record, client=client_system).assessment_id)
        return assessment, feature_values(assessment)["sender_count_1h"]

    first, count = send(0)
    assert count == 1
    second, count = send(30)
    assert count == 2
    assert send(10)[1] == 2  # the one of minute 30 lies after it
    stored = Assessment.objects.order_by("id").values_list("pk", "features")
    assert [(pk, bytes(features)) for pk, features in stored][:2] == [
        (first.pk, bytes(first.features)),
        (second.pk, bytes(second.features)),
    ]
    assert send(40)[1] == 4


def test_sender_and_receiver_may_be_the_same(sent):
    event = sent(receiver_id="acc-1")
    assert event.sender_key == event.receiver_key


def test_amounts_are_kept_to_four_places(sent):
    assert sent(amount="0.1234").amount == Decimal("0.1234")
