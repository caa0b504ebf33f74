"""Search among decided events, one event, customers, and the box in the top bar."""

import pytest
from django.urls import reverse

from dashboard.selectors.features import feature_rows
from users.models import Customer


@pytest.fixture
def events(decide, drained):
    decide(
        transaction_id="t-web", amount="20.00", sender_id="C-1", device_id="dev-7", ip_address="203.0.113.9"
    )
    decide(transaction_id="t-big", amount="900.00", type="cash_in", sender_id="C-2", merchant_id="M-5")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", {"drain-1", "t-web", "t-big"}),
        ("q=t-web", {"t-web"}),
        ("q=dev-7", {"t-web"}),
        ("q=203.0.113.9", {"t-web"}),
        ("q=M-5", {"t-big"}),
        ("q=C-200", {"drain-1"}),
        ("q=claire", {"drain-1"}),
        ("q=nothing", set()),
        ("q=%00", {"drain-1", "t-web", "t-big"}),
        ("decision=review", {"drain-1"}),
        ("decision=stopped", {"drain-1"}),
        ("decision=approve", {"t-web", "t-big"}),
        ("level=high", {"drain-1"}),
        ("type=cash_in", {"t-big"}),
        ("least=900", {"drain-1", "t-big"}),
        ("least=900.01", {"drain-1"}),
        ("least=NaN", {"drain-1", "t-web", "t-big"}),
        ("rule=ACCOUNT_DRAIN", {"drain-1"}),
        ("decided=today&level=low&type=payment", {"t-web"}),
    ],
)
def test_filters(signed_in, events, query, ids):
    page = signed_in("auditor").get(f"/transactions/?{query}").content.decode()
    assert {name for name in ("drain-1", "t-web", "t-big") if f">{name}<" in page} == ids


def test_an_event_shows_what_was_sent_and_what_was_seen(signed_in, events, drained):
    event = drained.hits.get().assessment.transaction
    page = signed_in("auditor").get(reverse("dashboard:transaction", args=[event.pk])).content.decode()
    for text in ("Transfer of 9,100.00 USD", "C-200", "payments-rules-1", "drained_share", "ACCOUNT_DRAIN"):
        assert text in page


def test_a_decision_without_a_part_says_so(signed_in, events, drained):
    event = drained.hits.get().assessment.transaction
    page = signed_in("auditor").get(reverse("dashboard:transaction", args=[event.pk])).content.decode()
    assert "<b>Decided without the model.</b>" in page
    assert "policy “approve” applied" in page


def test_a_customer_without_a_name_is_named_once(signed_in, events):
    customer = Customer.objects.get(external_id="C-1")
    page = signed_in("auditor").get(reverse("dashboard:customer", args=[customer.pk])).content.decode()
    assert "<h1>C-1</h1>" in page


def test_features_are_those_of_the_record(drained):
    rows = {row.name: row for row in feature_rows(drained.hits.get().assessment)}
    assert rows["drained_share"].value == 1.0
    assert rows["sender_balance_before"].value == 9100.0
    assert rows["drained_share"].meaning


def test_a_customer_shows_payments_and_alerts(signed_in, drained):
    page = (
        signed_in("analyst").get(reverse("dashboard:customer", args=[drained.customer_id])).content.decode()
    )
    for text in ("Claire Fournier", "C-100", f"A-{drained.pk}", "9,100.00", "not enough data, 1 of 10"):
        assert text in page


@pytest.mark.parametrize(
    ("q", "names"), [("", {"C-100", "C-1", "C-2"}), ("claire", {"C-100"}), ("zzz", set())]
)
def test_customers_are_searched_by_name_or_id(signed_in, events, q, names):
    page = signed_in("analyst").get(f"/customers/?q={q}").content.decode()
    assert {name for name in ("C-100", "C-1", "C-2") if f">{name}<" in page} == names


def test_the_box_goes_straight_to_what_a_text_names(signed_in, events, drained):
    client, event = signed_in("analyst"), drained.hits.get().assessment.transaction
    found = {
        q: client.get("/search/", {"q": q}).get("Location") for q in ("drain-1", "C-100", f"a-{drained.pk}")
    }
    assert found == {
        "drain-1": f"/transactions/{event.pk}/",
        "C-100": f"/customers/{drained.customer_id}/",
        f"a-{drained.pk}": f"/alerts/{drained.pk}/",
    }


def test_the_box_lists_what_a_text_may_mean(signed_in, events):
    page = signed_in("analyst").get("/search/?q=claire").content.decode()
    for text in ("Claire Fournier", "drain-1", "balance"):
        assert text in page


@pytest.mark.parametrize("q", ["1111", "411111+1111", "4111+1111+1111+1111"])
def test_the_box_finds_a_card_by_its_end_or_in_full(signed_in, decide, q):
    decide(transaction_id="by-card", card_token="4111111111111111")
    decide(transaction_id="by-token", card_token="tok_1111")
    page = signed_in("analyst").get(f"/search/?q={q}").content.decode()
    assert "by-card" in page and "by-token" not in page


@pytest.mark.parametrize("q", ["", "nothing like it", "A-99999999999999999999", "%00"])
def test_the_box_survives_anything(signed_in, db, q):
    assert signed_in("analyst").get(f"/search/?q={q}").status_code == 200


def test_an_event_shows_what_other_models_said_apart(signed_in, events, drained):
    from fraud_detection.models import ExternalPrediction

    event = drained.hits.get().assessment.transaction
    page = signed_in("auditor")
    url = reverse("dashboard:transaction", args=[event.pk])
    assert "Predictions made elsewhere" not in page.get(url).content.decode()
    ExternalPrediction.objects.create(
        client=event.client, engine="payments", external_id=event.transaction_id, model_name="bureau-score",
        model_version="2026.3", fraud_probability=0.82, decision="decline", occurred_at=event.occurred_at,
        reasons=[{"code": "V", "text": "Nine <b>payments</b>", "contribution": None}], told_by="shop",
        body_digest=b"0" * 16,
    )  # fmt: skip
    shown = page.get(url).content.decode()
    assert "bureau-score 2026.3" in shown and "Decline, probability 0.82" in shown
    assert "Nine &lt;b&gt;payments" in shown and "no figure of FraudGuard counts them" in shown
