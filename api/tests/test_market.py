"""POST /market/detect/: the answer, idempotence and refusals."""

import pytest

from fraud_detection.models import Assessment
from transactions.models import MarketEvent

pytestmark = pytest.mark.django_db
URL = "/api/v1/market/detect/"
EXAMPLE = {"symbol": "MSFT", "price": 425.5, "volume": 12000, "trader_id": "TR-99"}


@pytest.fixture
def detect(payments_engine, as_key):
    caller = as_key("ingest", "read")
    return lambda body, url=URL: caller.post(url, body, format="json")


@pytest.mark.parametrize("url", [URL, "/api/market/detect/", "/api/v1/market/detect"])
def test_the_example_is_answered(detect, url):
    answer = detect(EXAMPLE, url)
    body = answer.json()
    assert answer.status_code == 201
    assert (body["symbol"], body["price"], body["volume"], body["trader_id"]) == (
        "MSFT",
        425.5,
        12000,
        "TR-99",
    )
    assert (body["manipulation_risk"], body["alerts"], body["event"]) == (0.0, [], "trade")
    assert (
        body["id"] == Assessment.objects.get().pk and body["event_id"] == MarketEvent.objects.get().event_id
    )
    assert {"decision", "risk_level", "is_fraud", "reasons", "model_version", "timestamp"} <= body.keys()


def test_a_person_may_ask_too(payments_engine, as_person):
    answer = as_person("analyst").post(URL, EXAMPLE, format="json")
    assert answer.status_code == 201


def test_what_cannot_be_said_is_named(detect):
    body = detect(EXAMPLE).json()
    assert body["not_evaluable"] == [
        "Abusive Cancellation", "Circular Trading", "Layering", "Ramping", "Spoofing", "Wash Trade",
    ]  # fmt: skip
    assert body["insufficient_data"] == ["Price Spike", "Pump And Dump"]


def test_the_same_id_twice(detect):
    first = detect(EXAMPLE | {"event_id": "M-1"})
    again = detect(EXAMPLE | {"event_id": "M-1"})
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json() and MarketEvent.objects.count() == 1
    assert detect(EXAMPLE | {"event_id": "M-1", "price": 9}).status_code == 409
    assert detect(EXAMPLE).status_code == detect(EXAMPLE).status_code == 201  # without one, each is an event


def test_a_hit_carries_its_evidence(detect, document):
    trade = EXAMPLE | {"owner_group": "G", "side": "buy", "event_id": "M-1"}
    detect(trade)
    answer = document.check(detect(trade | {"event_id": "M-2", "side": "sell", "trader_id": "TR-98"}))
    alert = answer.json()["alerts"][0]
    assert (alert["rule"], alert["alert_type"], alert["severity"]) == ("Wash Trade", "wash_trade", "high")
    kinds = {
        kind: [each for each in alert["evidence"] if each["kind"] == kind] for kind in ("event", "window")
    }
    assert [each["id"] for each in kinds["event"]] == ["M-1", "M-2"] and len(kinds["window"]) == 1
    assert answer.json()["manipulation_risk"] == 60.0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"price": 0}, "/price"),
        ({"price": -1}, "/price"),
        ({"price": "1e11"}, "/price"),
        ({"volume": 0}, "/volume"),
        ({"volume": -5}, "/volume"),
        ({"volume": 1e12, "price": 1e4}, "/volume"),
        ({"symbol": None}, "/symbol"),
        ({"symbol": " "}, "/symbol"),
        ({"trader_id": None}, "/trader_id"),
        ({"side": "hold"}, "/side"),
        ({"event": "fill"}, "/event"),
        ({"event": "cancel"}, "/order_id"),
        ({"side_depth": -1}, "/side_depth"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"quantity": 5}, "/quantity"),
    ],
)
def test_bad_input_is_named_and_nothing_stored(detect, changes, pointer):
    answer = detect(EXAMPLE | changes)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert not MarketEvent.objects.exists() and not Assessment.objects.exists()
