"""Statistics and analytics: figures counted by hand."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import Assessment
from transactions.models import Transaction
from transactions.services import record_labels

pytestmark = pytest.mark.django_db
BASE = "/api/v1/"


@pytest.fixture
def decided(approving_engine, as_key, payment, drain):
    """Three payments of 25.00 approved, one transfer of 9,100.00 reviewed; the first one yesterday."""
    sender = as_key("ingest")
    for record in (
        payment(transaction_id="A", channel="web"),
        payment(transaction_id="B", sender_id="acc-3"),
        payment(transaction_id="C", sender_id="acc-4", country="DE"),
        drain(transaction_id="D", sender_id="acc-5"),
    ):
        assert sender.post(f"{BASE}transactions/", record).status_code == 201
    Assessment.objects.filter(external_id="A").update(decided_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def seen(as_key):
    reader = as_key("read")
    return lambda path, **query: reader.get(BASE + path, query).json()


def test_statistics_count_today_and_everything(decided, seen):
    shown = seen("statistics/")
    assert shown["today"]["total"] == 3
    assert shown["today"]["by_decision"] == {"approve": 2, "review": 1, "decline": 0}
    assert shown["all"]["by_decision"] == {"approve": 3, "review": 1, "decline": 0}
    assert (shown["today"]["amount"], shown["all"]["amount"]) == ("9150.00", "9175.00")
    assert sum(shown["all"]["by_level"].values()) == 4
    assert shown["open_alerts"] == 1
    assert seen("statistics/") == shown


def test_trends_have_a_row_for_every_day(decided, seen):
    days = seen("analytics/fraud-trends/", days=3)["days"]
    today = timezone.localdate()
    assert [day["day"] for day in days] == [str(today - timedelta(days=n)) for n in (2, 1, 0)]
    assert [day["total"] for day in days] == [0, 1, 3]
    assert (days[2]["review"], days[2]["amount"], days[2]["stopped_amount"]) == (1, "9150.00", "9100.00")


def test_patterns_split_payments(decided, seen):
    shown = seen("analytics/transaction-patterns/")
    assert [(one["value"], one["events"], one["not_approved"]) for one in shown["by_type"]] == [
        ("payment", 3, 0),
        ("transfer", 1, 1),
    ]
    assert [(one["value"], one["events"]) for one in shown["by_country"]] == [("US", 3), ("DE", 1)]
    assert [(one["value"], one["events"]) for one in shown["by_channel"]] == [(None, 3), ("web", 1)]
    assert seen("analytics/transaction-patterns/", days=1)["by_type"][0]["events"] == 2


def test_risk_falls_into_ten_buckets(decided, seen):
    shown = seen("analytics/risk-distribution/")
    assert shown["total"] == 4
    assert sum(bucket["decisions"] for bucket in shown["buckets"]) == 4
    assert [bucket["decisions"] for bucket in shown["buckets"]][6] == 1
    assert [bucket["lower"] for bucket in shown["buckets"]] == list(range(0, 100, 10))


def test_model_performance_says_when_there_is_not_enough(decided, seen):
    assert seen("analytics/model-performance/") == {
        "status": "not enough data",
        "detail": "Rates are given from 20 labelled frauds and 20 labelled legitimate events on.",
        "models": [],
        "weeks": [],
        "weeks_as_of": None,
        "calibration": [],
    }
    label("D", "fraud")
    shown = seen("analytics/model-performance/")["models"]
    assert [(one["labelled"], one["true_positives"], one["precision"]) for one in shown] == [(1, 1, None)]


def test_model_performance_from_labels(approving_engine, as_key, payment, drain, seen, monkeypatch):
    sender = as_key("ingest")
    for n in range(20):
        sender.post(f"{BASE}transactions/", drain(transaction_id=f"F{n}", sender_id=f"f-{n}"))
        sender.post(f"{BASE}transactions/", payment(transaction_id=f"L{n}", sender_id=f"l-{n}"))
        label(f"F{n}", "fraud" if n < 15 else "legitimate")
        label(f"L{n}", "legitimate" if n < 15 else "fraud")
    label("F0", "legitimate")  # a correction: the newest label says what it is
    label("F0", "fraud")
    model = seen("analytics/model-performance/")["models"][0]
    assert (model["true_positives"], model["false_positives"]) == (15, 5)
    assert (model["false_negatives"], model["true_negatives"]) == (5, 15)
    assert (model["precision"], model["recall"], model["false_positive_rate"]) == (0.75, 0.75, 0.25)
    rule = seen("analytics/rule-performance/")["rules"][0]
    assert rule == {
        "rule": "ACCOUNT_DRAIN", "family": "balance", "hits": 20, "alerts": 20, "labelled": 20, "fraud": 15,
        "precision": 0.75,
    }  # fmt: skip
    label("F0", "withdrawn")  # taken back: nobody knows any more
    model = seen("analytics/model-performance/")["models"][0]
    assert (model["true_positives"], model["false_positives"]) == (14, 5)
    rule = seen("analytics/rule-performance/")["rules"][0]
    assert (rule["labelled"], rule["fraud"]) == (19, 14)


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", "1e3", "９", ""])
@pytest.mark.parametrize(
    "route", ["fraud-trends", "risk-distribution", "transaction-patterns", "rule-performance"]
)
def test_a_wrong_period_is_refused(as_key, route, days):
    answer = as_key("read").get(f"{BASE}analytics/{route}/", {"days": days})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/days"


def label(transaction_id: str, verdict: str) -> None:
    record_labels(
        [Transaction.objects.get(transaction_id=transaction_id).pk],
        verdict=verdict,
        source="analyst",
        reason="",
        recorded_by="tests",
        known_at=datetime.now().astimezone(),
    )


def test_metrics_tell_of_what_happens_in_the_background(as_key, document):
    body = document.check(as_key("read").get("/api/v1/metrics/")).json()
    assert body["cache"].keys() == {"hits", "misses", "hit_rate"}
    assert body["audit"]["events"] >= 1  # the key that asks was made
    assert (body["notifications"], body["webhooks"]) == ({}, {})
    assert body["batches"] == {"jobs": {}, "rows_done": 0, "rows_failed": 0}


def test_metrics_answer_while_the_store_is_away(as_key, settings):
    from logs import activity

    client = as_key("read")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    try:
        answer = client.get("/api/v1/metrics/")
    finally:
        activity.client.cache_clear()
    assert answer.status_code == 200 and answer.json()["cache"] is None


def test_the_overview_holds_load_against_its_thresholds(as_key, document, settings):
    settings.ALERT_CPU_THRESHOLD = settings.ALERT_MEMORY_THRESHOLD = settings.ALERT_DISK_THRESHOLD = 100_000
    client = as_key("read")
    body = document.check(client.get("/api/v1/system/overview/")).json()
    assert [part["name"] for part in body["machine"]] == ["cpu", "memory", "disk"]
    assert {queue["name"] for queue in body["queues"]} == set(settings.QUEUES)
    assert (body["status"], body["outbox"]["waiting"], body["outbox"]["oldest_seconds"]) == ("ok", 0, None)
    settings.ALERT_MEMORY_THRESHOLD = 0
    strained = client.get("/api/v1/system/overview/").json()
    assert strained["status"] == "strained"
    assert [part["ok"] for part in strained["machine"]] == [True, False, True]
