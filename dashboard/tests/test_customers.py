"""The customer pages: predictions shown with reasons, sorted, filtered and exported."""

import pytest

from fraud_detection.models import CustomerPrediction
from fraud_detection.services.customers.predicting import predict_stored
from users.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def predicted(customer_champion, debtor):
    """Three customers: one deep in debt, one a little less, one without attributes."""
    attributes = {name: value for name, value in debtor.items() if name != "customer_id"}
    attributes |= {name: float(value) for name, value in attributes.items() if str(value).endswith(".00")}
    for name, late in (("Ann", 12), ("Bob", 0)):
        given = attributes | {"late_payments_24m": late, "worst_delay_days": late * 5, "previous_defaults": 0}
        Customer.objects.create(external_id=name, name=name, attributes=given)
    Customer.objects.create(external_id="Cid", name="Cid")
    predict_stored(model=None, acting="tests")


def names(answer) -> list[str]:
    return [row.customer.name for row in answer.context["rows"]]


def test_the_list_is_newest_first_or_by_risk(predicted, signed_in):
    browser = signed_in("auditor")
    newest = browser.get("/customers/")
    assert names(newest) == ["Cid", "Bob", "Ann"]
    assert [row.prediction is None for row in newest.context["rows"]] == [True, False, False]
    assert names(browser.get("/customers/?sort=risk")) == ["Ann", "Bob"]
    assert names(browser.get("/customers/?sort=risk&q=bo")) == ["Bob"]
    assert "customers-1" in browser.get("/customers/?sort=risk").content.decode()


def test_the_list_by_class(predicted, signed_in):
    browser = signed_in()
    CustomerPrediction.objects.filter(customer__name="Bob").update(unpaid=False)
    assert names(browser.get("/customers/?class=unpaid")) == ["Ann"]
    assert names(browser.get("/customers/?class=paid")) == ["Bob"]
    assert names(browser.get("/customers/?class=nonsense&sort=up")) == ["Cid", "Bob", "Ann"]


def test_pages_of_the_ranked_list(predicted, signed_in, monkeypatch):
    monkeypatch.setattr("dashboard.keyset.page.__defaults__", (1,))
    browser = signed_in()
    first = browser.get("/customers/?sort=risk")
    assert names(first) == ["Ann"]
    second = browser.get("/customers/", {"sort": "risk", "after": first.context["page"].after})
    assert names(second) == ["Bob"]
    assert names(browser.get("/customers/?sort=risk&after=nan:1")) == ["Ann"]


def test_a_customer_s_page_shows_the_prediction_and_its_reasons(predicted, signed_in):
    prediction = CustomerPrediction.objects.select_related("customer").get(customer__name="Ann")
    page = signed_in().get(f"/customers/{prediction.customer_id}/").content.decode()
    assert "Likely unpaid" in page and "customers-1" in page
    assert "generated customers only" in page
    assert all(reason["code"] in page for reason in prediction.reasons)


def test_a_customer_without_a_prediction_says_why(predicted, signed_in):
    cid = Customer.objects.get(name="Cid")
    assert "too few attributes" in signed_in().get(f"/customers/{cid.pk}/").content.decode()


def test_the_export_button_gives_the_file(predicted, signed_in):
    answer = signed_in("auditor").get("/customers/export/?class=unpaid")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("customer_id,name,probability")
    assert len(lines) == 1 + CustomerPrediction.objects.filter(unpaid=True).count()


def test_without_any_model_the_pages_open(payments_engine, signed_in):
    Customer.objects.create(external_id="A")
    browser = signed_in()
    assert browser.get("/customers/").status_code == 200
    assert "predict_users" in browser.get("/customers/?sort=risk").content.decode()
