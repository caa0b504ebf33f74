"""Backtests and try-outs over HTTP: as documented, refusals beside success."""

import json

import pytest

from fraud_detection.models import Backtest, Rule, RuleDraft
from fraud_detection.services.backtesting import run_backtest
from fraud_detection.tests.backtest_history import (
    assessment_of,
    day,
    decide,
    label,
    pay,
    put_in_force,
    wording,
)

pytestmark = pytest.mark.django_db
BASE = "/api/v1/"
PERIOD = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path / "backtests"


@pytest.fixture
def rule(approving_engine):
    put_in_force(wording(params={"limit": 400}))
    decide(pay("A", 1, "600.00"), pay("B", 2, "450.00"), pay("C", 3, "20.00"))
    label("A", "fraud", day(10))
    return Rule.objects.get(code="LARGE_AMOUNT")


def test_a_free_wording_is_replayed_and_read_back(document, rule, as_person, as_key):
    analyst, reader = as_person("analyst"), as_key("read")
    asked = PERIOD | {"engine": "payments", "definition": wording(), "labels": "as_known", "alert_cost": "2"}
    started = document.check(analyst.post(f"{BASE}backtests/", asked, format="json"))
    assert started.status_code == 202
    body = started.json()
    assert (body["state"], body["code"], body["alert_cost"]) == ("queued", "LARGE_AMOUNT", "2.00")
    assert (body["cut_off"], body["rule"]) == ("2026-04-01T00:00:00Z", None)
    run_backtest(body["id"])
    shown = document.check(reader.get(f"{BASE}backtests/{body['id']}/")).json()
    assert (shown["state"], shown["result"]["draft"]["hits"], shown["rows_done"]) == ("done", 1, 3)
    assert shown["result"]["draft"]["caught"] == {"events": 1, "amount": 60000}
    listed = document.check(reader.get(f"{BASE}backtests/?engine=payments&state=done")).json()
    assert [row["id"] for row in listed["results"]] == [body["id"]]
    hits = b"".join(reader.get(f"{BASE}backtests/{body['id']}/hits/").streaming_content).decode()
    assert [line.split(",")[1] for line in hits.splitlines()] == ["event_id", "A", "B"]


def test_a_rule_is_replayed_by_its_draft_or_what_is_in_force(document, rule, as_person):
    analyst, address = as_person("analyst"), f"{BASE}rules/{rule.pk}/backtests/"
    missing = document.check(analyst.post(address, PERIOD, format="json"))
    assert (missing.status_code, "has no draft" in missing.json()["detail"]) == (409, True)
    active = document.check(analyst.post(address, PERIOD | {"wording": "active"}, format="json"))
    assert active.status_code == 202
    RuleDraft.objects.create(rule=rule, definition=wording(), author="a", saved_by="a")
    drafted = document.check(analyst.post(address, PERIOD, format="json")).json()
    assert (drafted["rule"], drafted["wording_saved_at"] is not None) == (rule.pk, True)
    assert [one.definition["params"]["limit"] for one in Backtest.objects.order_by("id")] == [400, 500]
    assert analyst.post(f"{BASE}rules/999999/backtests/", PERIOD, format="json").status_code == 404


def test_it_is_cancelled_once(document, rule, as_person):
    analyst = as_person("analyst")
    asked = PERIOD | {"wording": "active"}
    started = analyst.post(f"{BASE}rules/{rule.pk}/backtests/", asked, format="json").json()
    address = f"{BASE}backtests/{started['id']}/cancel/"
    assert document.check(analyst.post(address)).json()["state"] == "cancelled"
    again = document.check(analyst.post(address))
    assert (again.status_code, "cancelled already" in again.json()["detail"]) == (409, True)
    assert not run_backtest(started["id"])


@pytest.mark.parametrize(
    ("change", "pointer", "told"),
    [
        ({"definition": wording(condition="amuont >= 5")}, "/definition/condition", "1:1: unknown name"),
        ({"definition": 5}, "/definition/definition", "a rule is an object"),
        ({"engine": "shoes"}, "/engine", "there is no engine 'shoes'"),
        ({"until": "2026-02-01T00:00:00Z"}, "/until", "must lie after"),
        ({"since": "1990-01-01T00:00:00Z"}, "/since", "at most 3,660 days"),
        ({"labels": "guessed"}, "/labels", "not a valid choice"),
        ({"cut_off": "2026-03-05T00:00:00Z"}, "/cut_off", "only labels as_known"),
        ({"alert_cost": "1e400"}, "/alert_cost", ""),
        ({"friction_share": 2}, "/friction_share", ""),
        ({"colour": "red"}, "/colour", "is not a known field"),
    ],
)
def test_what_is_refused_names_its_place_and_queues_nothing(document, rule, as_person, change, pointer, told):
    asked = PERIOD | {"engine": "payments", "definition": wording()} | change
    answer = document.check(as_person("analyst").post(f"{BASE}backtests/", asked, format="json"))
    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["pointer"], told in fault["detail"]) == (422, pointer, True)
    assert not Backtest.objects.exists()


def test_too_many_at_once_are_refused_with_what_to_do(document, rule, as_person, settings):
    settings.BACKTESTS_PER_PERSON = 1
    analyst, asked = as_person("analyst"), PERIOD | {"wording": "active"}
    assert analyst.post(f"{BASE}rules/{rule.pk}/backtests/", asked, format="json").status_code == 202
    refused = document.check(analyst.post(f"{BASE}rules/{rule.pk}/backtests/", asked, format="json"))
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert "wait for one, or cancel it" in refused.json()["detail"]
    assert Backtest.objects.count() == 1


def test_a_try_out_gives_every_part_its_value(document, rule, as_person):
    analyst = as_person("auditor")
    condition = "first_pair && amount >= p.limit"
    asked = {"engine": "payments", "definition": wording(condition=condition), "event_id": "A"}
    tried = document.check(analyst.post(f"{BASE}rules/try/", asked, format="json")).json()
    assert (tried["outcome"], tried["reason"], tried["severity"]) == ("hit", "600.00 at once", "medium")
    assert (tried["subject"], tried["confidence"], tried["assessment_id"]) == (
        "sender",
        0.3,
        assessment_of("A").pk,
    )
    shape = [(p["text"], p["line"], p["column"], p["depth"], p["value"]) for p in tried["parts"]]
    assert shape == [
        (condition, 1, 1, 0, True),
        ("first_pair", 1, 1, 1, True),
        ("amount >= p.limit", 1, 15, 1, True),
        ("amount", 1, 15, 2, 600.0),
        ("p.limit", 1, 25, 2, 500.0),
    ]
    other = {"engine": "payments", "definition": wording(condition="sender_earlier_mean_30d > 5")}
    missing = analyst.post(
        f"{BASE}rules/try/", other | {"assessment_id": assessment_of("A").pk}, format="json"
    ).json()
    assert (missing["outcome"], missing["parts"][1]["shown"]) == ("not_evaluable", "missing")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"event_id": "none"}, "/event_id"),
        ({"event_id": "a\ud800"}, "/event_id"),
        ({"assessment_id": 4}, "/assessment_id"),
        ({}, "/assessment_id"),
        ({"event_id": "A", "assessment_id": 1}, "/assessment_id"),
    ],
)
def test_an_event_that_is_not_there_is_named(rule, as_person, given, pointer):
    asked = json.dumps({"engine": "payments", "definition": wording(), **given})
    answer = as_person("analyst").post(f"{BASE}rules/try/", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_keys_cannot_ask_and_auditors_cannot_either(rule, as_key, as_person):
    asked = PERIOD | {"engine": "payments", "definition": wording()}
    assert as_key("admin").post(f"{BASE}backtests/", asked, format="json").status_code == 403
    assert as_person("auditor").post(f"{BASE}backtests/", asked, format="json").status_code == 403
    assert not Backtest.objects.exists()
