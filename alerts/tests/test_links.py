"""Who may belong to the same ring, and the graph as clients and pages see it."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from alerts.models import Alert
from alerts.selectors.links import customers_of_alert, customers_of_case, linked
from alerts.services.cases.closing import close_case
from alerts.services.cases.opening import open_case
from transactions.services import record_labels
from users.models import Customer

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def pay(stored):
    def make(who, **fields):
        customer = Customer.objects.get_or_create(external_id=who)[0]
        key = sum(map(ord, who))
        given = {"customer": customer, "sender_id": who, "sender_key": key, "receiver_is_merchant": 1}
        return stored(**(given | fields))

    return make


def alert_on(who, **fields):
    given = {
        "engine": "payments",
        "family": "velocity",
        "subject_kind": "customer",
        "subject": who,
        "customer": Customer.objects.get(external_id=who),
        "severity": "high",
        "risk_score": 80,
        "amount_minor": 100,
        "reason": "14 payments in 1 h",
        "rule": "VELOCITY_COUNT",
        "due_at": timezone.now(),
    }
    return Alert.objects.create(**(given | fields))


def ring_of(who):
    found = linked([Customer.objects.get(external_id=who).pk])
    return [(found.customers[s.customer_id].external_id, s.standing.words, s.shared) for s in found.ring]


def test_a_confirmed_fraudster_on_the_same_device_is_suggested_first(pay):
    pay("ann", device_id="D-1", device_key=7, ip_address="10.0.0.1", ip_key=8)
    pay("bob", device_id="D-1", device_key=7)
    pay("cyd", device_id="D-1", device_key=7)
    pay("dee", ip_address="10.0.0.1", ip_key=8)
    closed = {"status": "resolved", "disposition": "confirmed_fraud", "resolved_at": timezone.now()}
    alert_on("cyd", **closed)
    alert_on("bob")
    alert_on("dee")
    assert ring_of("ann") == [
        ("cyd", "confirmed fraud", {"device": ["D-1"]}),
        ("bob", "1 open alert", {"device": ["D-1"]}),
    ]


def test_a_label_confirms_as_a_verdict_does_and_a_correction_takes_it_back(pay):
    pay("ann", card_token="c-1", card_key=5)
    bad = pay("bob", card_token="c-1", card_key=5)
    record_labels([bad.pk], verdict="fraud", source="chargeback", known_at=timezone.now())
    assert ring_of("ann") == [("bob", "confirmed fraud", {"card": ["c-1"]})]
    record_labels([bad.pk], verdict="legitimate", source="customer", known_at=timezone.now())
    assert ring_of("ann") == []


def test_an_alert_about_a_thing_is_about_the_customers_of_its_hits(pay):
    pay("ann")
    alert = alert_on("ann")
    assert customers_of_alert(alert) == [Customer.objects.get(external_id="ann").pk]
    alert.customer = None
    assert customers_of_alert(alert) == []


def test_an_open_case_is_known_against_its_customer_until_it_is_closed(pay, analyst):
    pay("ann", device_id="D-1", device_key=7)
    pay("bob", device_id="D-1", device_key=7)
    pay("cyd", device_id="D-1", device_key=7)
    of_cyd = alert_on("cyd")
    bob = Customer.objects.get(external_id="bob")
    case = open_case(title="Ring", customer=bob, alert_ids=[of_cyd.pk], acting_user=analyst)
    assert ring_of("ann") == [
        ("cyd", "1 open alert, 1 open case", {"device": ["D-1"]}),
        ("bob", "1 open case", {"device": ["D-1"]}),
    ]
    verdict = {"verdict": "inconclusive", "note": "No answer.", "seen_version": case.version}
    close_case(case_id=case.pk, acting_user=analyst, **verdict)
    assert ring_of("ann") == []


def test_a_case_is_about_its_customer_and_those_of_its_alerts(pay, analyst, as_person):
    for who in ("ann", "bob", "cyd"):
        pay(who, device_id="D-1", device_key=7)
    case = open_case(
        title="Ring", alert_ids=[alert_on(who).pk for who in ("bob", "ann")], acting_user=analyst
    )
    pk_of = dict(Customer.objects.values_list("external_id", "pk"))
    assert sorted(customers_of_case(case)) == sorted([pk_of["ann"], pk_of["bob"]])
    body = as_person("analyst").get(f"/api/v1/links/?case={case.pk}").json()
    assert {n["label"] for n in body["nodes"] if n["focus"]} == {"ann", "bob"}
    assert [n["label"] for n in body["nodes"] if not n["focus"]] == ["cyd", "D-1"]


def test_the_api_answers_with_the_graph(pay, as_person):
    pay("ann", device_id="D-1", device_key=7)
    pay("bob", device_id="D-1", device_key=7, amount_minor=250)
    alert_on("bob")
    body = as_person("analyst").get("/api/v1/links/?customer=ann").json()
    assert [(n["kind"], n["label"], n["known"]) for n in body["nodes"]] == [
        ("customer", "ann", ""),
        ("customer", "bob", "1 open alert"),
        ("device", "D-1", ""),
    ]
    assert [(e["how"], e["amount"]) for e in body["edges"]] == [
        ("used in 1 payment", "10.00"),
        ("used in 1 payment", "2.50"),
    ]
    assert body["same_ring"] == [{"customer": "bob", "known": "1 open alert", "shared": {"device": ["D-1"]}}]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("?customer=a&alert=1", 422),
        ("?alert=x", 422),
        ("?alert=9", 404),
        ("?customer=no", 404),
        ("?case=1&alert=1", 422),
        ("?case=-1", 422),
        ("?case=9", 404),
    ],
)
def test_the_api_says_what_is_wrong(as_person, query, status):
    assert as_person("analyst").get(f"/api/v1/links/{query}").status_code == status
