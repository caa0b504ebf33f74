"""Backtests over a history made by hand: every figure is known beforehand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.models import Assessment, BacktestState, FeatureSetVersion
from fraud_detection.services.backtesting import Terms, hits_csv, run_backtest, start_backtest
from fraud_detection.services.corrections import correct_payment
from fraud_detection.services.sources import decide_event
from fraud_detection.tests.backtest_history import (
    MARCH,
    assessment_of,
    day,
    decide,
    label,
    pay,
    put_in_force,
    replayed,
    wording,
)
from transactions.models import Transaction
from users.services import client_system

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path / "backtests"


@pytest.fixture
def history(approving_engine):
    """Ten payments; the rule in force asks for 400, another one for a device that is new."""
    put_in_force(
        wording(params={"limit": 400}),
        wording(code="IN_EUROS", condition="amount >= 900", subject="customer", family="euros"),
    )
    decide(
        pay("A", 1, "600.00"),
        pay("B", 1, "700.00"),
        pay("C", 1, "450.00", "acc-2"),
        pay("D", 2, "900.00", "acc-2"),
        pay("E", 3, "1000.00", "acc-3"),
        pay("F", 3, "20.00", "acc-3"),
        pay("G", 3, "30.00", "acc-4"),
        pay("H", 4, "500.00", "acc-4"),
        pay("I", 4, "499.99", "acc-4"),
        pay("J", 5, "800.00", "acc-5"),
    )
    label("A", "fraud", day(10))
    label("B", "legitimate", day(10))
    label("D", "fraud", day(12))
    label("F", "fraud", day(12))
    label("G", "legitimate", day(12))
    label("E", "legitimate", day(40))  # known after the period
    label("C", "fraud", day(9))
    label("H", "fraud", day(5))
    label("H", "legitimate", day(45))  # taken back later


def test_every_figure_of_a_history_made_by_hand(history, analyst):
    found = replayed(wording(), analyst).result
    draft, active = found["draft"], found["active"]
    assert found["events"] == 10
    assert (draft["hits"], draft["evaluated"], draft["not_evaluable"], draft["insufficient"]) == (6, 10, 0, 0)
    assert (active["hits"], active["alerts"]) == (8, 6)
    # acc-1 twice on the first day is one alert; days 1 to 5 hold events
    assert (draft["alerts"], found["days_with_events"], draft["alerts_a_day"]) == (5, 5, 1.0)
    # A, D fraud; B, E, H legitimate in the end; J has no label
    assert (draft["labelled"], draft["coverage"]["value"]) == (5, pytest.approx(5 / 6, abs=1e-6))
    assert draft["precision"] == {
        "hits": 2, "n": 5, "value": 0.4, "low": pytest.approx(0.117621), "high": pytest.approx(0.769276)
    }  # fmt: skip
    assert (draft["recall"]["hits"], draft["recall"]["n"]) == (2, 4)
    assert (draft["false_positive_rate"]["hits"], draft["false_positive_rate"]["n"]) == (3, 4)
    assert draft["caught"] == {"events": 2, "amount": 150_000}
    assert draft["good"] == {"events": 3, "amount": 220_000}
    # D is caught by the other active rule too
    assert draft["alone"] == {"events": 1, "amount": 60_000}
    # 1,500.00 caught, five alerts of 6.50, two per cent of 2,200.00
    assert draft["net_saving"] == 150_000 - 3_250 - 4_400
    assert found["labels"] == {
        "carried": True, "reason": "", "fraud": 4, "fraud_amount": 197_000, "good": 4, "good_amount": 223_000,
        "unlabelled": 2,
    }  # fmt: skip


def test_labels_known_after_the_cut_off_do_not_count(history, analyst):
    found = replayed(wording(), analyst, labels="as_known").result
    draft = found["draft"]
    # at the end of March E has no label yet and H is still a fraud
    assert (draft["labelled"], draft["precision"]["hits"], draft["good"]["events"]) == (4, 3, 1)
    assert draft["recall"]["n"] == 5
    early = replayed(wording(), analyst, labels="as_known", cut_off=day(9)).result
    assert (early["labels"]["fraud"], early["labels"]["good"]) == (2, 0)  # C and H
    assert early["draft"]["precision"] == {
        "hits": 1, "n": 1, "value": 1.0, "low": pytest.approx(0.206543, abs=1e-5), "high": 1.0
    }  # fmt: skip
    nothing = replayed(wording(), analyst, labels="as_known", cut_off=day(2)).result
    assert nothing["draft"]["precision"] is None
    assert "known at the cut-off" in nothing["labels"]["reason"]


def test_what_changes_beside_the_active_version(history, analyst):
    found = replayed(wording(), analyst).result
    assert found["changes"]["added"]["hits"] == {"events": 0, "amount": 0}
    dropped = found["changes"]["dropped"]
    assert dropped["hits"] == {"events": 2, "amount": 94_999}
    assert dropped["frauds"] == {"events": 1, "amount": 45_000}
    assert [(e["event_id"], e["active"], e["label"]) for e in found["examples"]["dropped"]] == [
        ("I", True, None),
        ("C", True, "fraud"),
    ]
    missed = found["examples"]["fraud_missed"]
    assert [(e["event_id"], e["why"]) for e in missed] == [
        ("C", "amount >= p.limit: amount 450.00, p.limit 500"),
        ("F", "amount >= p.limit: amount 20.00, p.limit 500"),
    ]
    assert found["examples"]["fraud_hit"][0]["why"] == "900.00 at once"
    assert found["matrix"] == {
        "rules": ["draft", "active", "IN_EUROS"], "both": [[6, 6, 2], [6, 8, 2], [2, 2, 2]]
    }  # fmt: skip
    overlap = {
        row["rule"]: (row["both"], row["of_draft"]["hits"], row["of_other"]["n"]) for row in found["overlap"]
    }
    assert overlap == {"active": (6, 6, 8), "IN_EUROS": (2, 2, 2)}


def test_the_days_of_the_period_are_all_there(history, analyst):
    found = replayed(wording(), analyst).result["by_day"]
    assert len(found) == 31
    assert found[0] == {
        "day": "2026-03-01", "events": 3, "draft_hits": 2, "draft_alerts": 1, "active_hits": 3,
        "active_alerts": 2,
    }  # fmt: skip
    assert [row["draft_hits"] for row in found[:6]] == [2, 1, 1, 1, 1, 0]


def test_the_period_is_by_when_events_happened(history, analyst):
    found = replayed(wording(), analyst, since=day(2, 0), until=day(4, 0)).result
    assert (found["events"], found["draft"]["hits"], len(found["by_day"])) == (4, 2, 2)


def test_a_corrected_event_counts_once_with_its_newest_version(history, analyst):
    replayed(wording(), analyst)  # the columns are kept now
    correct_payment(pay("J", 5, "80.00", "acc-5"), transaction_id="J", client=client_system("shop"))
    assert Transaction.objects.filter(transaction_id="J").count() == 2
    correct_payment(pay("A", 1, "610.00"), transaction_id="A", client=client_system("shop"))
    found = replayed(wording(), analyst).result
    assert (found["events"], found["draft"]["hits"]) == (10, 5)
    # what was known of A counts for its newest version
    assert found["draft"]["caught"] == {"events": 2, "amount": 151_000}


def test_new_decisions_are_seen_by_the_next_backtest(history, analyst):
    assert replayed(wording(), analyst).result["events"] == 10
    decide(pay("K", 6, "5000.00"), pay("L", 7, "1.00"))
    found = replayed(wording(), analyst).result
    assert (found["events"], found["draft"]["hits"]) == (12, 7)


@pytest.mark.parametrize("damage", ["cut", "garbled", "gone", "flipped"])
def test_damaged_columns_are_made_anew(history, analyst, settings, damage):
    before = replayed(wording(), analyst).result
    for file in sorted(settings.BACKTEST_DIR.rglob("*.*")):
        content = file.read_bytes()
        if damage == "gone" and file.name != "about.json":
            file.unlink()
        elif damage == "flipped" and file.suffix == ".npy":
            file.write_bytes(content[:-1] + bytes([content[-1] ^ 255]))
        elif damage == "cut":
            file.write_bytes(content[: len(content) // 2])
        elif damage == "garbled":
            file.write_bytes(b"\x00garbage")
    after = replayed(wording(), analyst).result
    assert after | {"seconds": 0, "known_by": ""} == before | {"seconds": 0, "known_by": ""}


def test_columns_of_another_database_are_not_taken_for_this_one(history, analyst):
    replayed(wording(), analyst)
    Assessment.objects.filter(external_id="A").update(decided_at=MARCH)
    assert replayed(wording(), analyst).result["events"] == 10


def test_hits_as_csv_without_formulas(history, analyst):
    decide(pay("=cmd()", 6, "5000.00", "+acc"))
    lines = "".join(hits_csv(replayed(wording(), analyst))).splitlines()
    assert lines[0].startswith("assessment_id,event_id,occurred_at,customer,amount,decision,hit_by_draft")
    rows = {line.split(",")[1]: line.split(",")[3:] for line in lines[1:]}
    assert len(rows) == 9
    assert rows["'=cmd()"] == ["'+acc", "5000.00", "approve", "yes", "yes", ""]
    assert rows["C"] == ["acc-2", "450.00", "approve", "no", "yes", "fraud"]


def test_conditions_on_words_and_on_missing_values(history, analyst):
    decide(pay("M", 8, "10.00", device_id="D-1", merchant_category="casino"))
    found = replayed(wording(condition="merchant_category == 'casino'"), analyst).result["draft"]
    assert (found["hits"], found["not_evaluable"], found["evaluated"]) == (1, 10, 1)
    anything = replayed(wording(condition="true"), analyst).result["draft"]
    assert anything["hits"] == 11


def test_what_older_feature_sets_lack_is_said(history, analyst):
    older = assessment_of("A")
    named = FeatureSetVersion.objects.get(pk=older.feature_set_version)
    FeatureSetVersion.objects.create(
        version="payments-older", engine="payments", numbers=named.numbers[1:], texts=named.texts
    )
    Assessment.objects.filter(external_id__in=("A", "B")).update(
        feature_set_version="payments-older", features=bytes(older.features)[8:]
    )
    first = named.numbers[0][0]
    found = replayed(wording(condition=f"{first} >= 500", params={}), analyst).result
    assert first == "amount"
    assert [(row["name"], row["events"], row["share"]) for row in found["lacking"]] == [("amount", 2, 0.2)]
    assert found["draft"]["not_evaluable"] == 2


def test_an_engine_without_labels_says_so(approving_engine, analyst):
    for number in range(3):
        income = {"monthly_income": 4200 + 100 * number, "employment_length": 24}
        decide_event("credit", {"applicant_id": f"A-{number}", **income}, client=client_system("shop"))
    now = timezone.now()
    definition = wording(subject="applicant", condition="employment_months >= 24", params={}, reason="x")
    backtest = start_backtest(
        definition=definition,
        engine="credit",
        terms=Terms(since=now - timedelta(days=1), until=now + timedelta(minutes=1)),
        acting_user=analyst,
    )
    assert run_backtest(backtest.pk)
    backtest.refresh_from_db()
    draft = backtest.result["draft"]
    assert (draft["hits"], draft["alerts"], draft["precision"], draft["net_saving"]) == (3, 3, None, None)
    assert backtest.result["labels"]["reason"].startswith("Events of this engine carry no labels")


def test_costs_are_asked_for(history, analyst):
    found = replayed(wording(), analyst, alert_cost=Decimal("10"), friction_share=0.5)
    assert found.result["draft"]["net_saving"] == 150_000 - 5_000 - 110_000
    assert found.state == BacktestState.DONE
    assert OutboxMessage.objects.get(topic="job.finished").payload == {
        "kind": "backtest", "id": found.pk, "rule": "LARGE_AMOUNT", "state": "done",
        "engine": "payments", "at": found.ended_at.isoformat(),
    }  # fmt: skip
