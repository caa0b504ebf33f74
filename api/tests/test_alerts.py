"""Working alerts over HTTP: who, what, stale edits, and the audit row that each leaves."""

import pytest

from alerts.models import Alert
from logs.models import AuditEvent
from transactions.models import Label

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/alerts/"


@pytest.fixture
def alert(as_key, drain):
    as_key("ingest").post("/api/v1/transactions/", drain(transaction_id="B"))
    return Alert.objects.get()


def verdict(**changes):
    return {"disposition": "confirmed_fraud", "note": "customer called", "version": 1} | changes


def test_a_verdict_closes_the_alert_and_labels_its_event(alert, as_person):
    client = as_person("analyst")
    answer = client.post(f"{URL}{alert.pk}/resolve/", verdict(), headers={"X-Request-ID": "case-0001"})
    shown = answer.json()

    assert answer.status_code == 200
    assert (shown["status"], shown["disposition"], shown["version"]) == ("resolved", "confirmed_fraud", 2)
    assert (shown["resolved_by"], shown["note"]) == (client.person.email, "customer called")
    assert Label.objects.get().verdict == "fraud"
    event = AuditEvent.objects.get(action="alert.resolved")
    assert (event.actor, event.subject, event.request_id) == (client.person.email, str(alert.pk), "case-0001")


def test_a_stale_verdict_is_refused_and_says_who_was_first(alert, as_person):
    first, second = as_person("analyst"), as_person("admin")
    first.post(f"{URL}{alert.pk}/resolve/", verdict())
    answer = second.post(f"{URL}{alert.pk}/resolve/", verdict(disposition="false_positive"))

    assert answer.status_code == 409
    assert first.person.email in answer.json()["detail"]
    assert Alert.objects.get().disposition == "confirmed_fraud"


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"disposition": "maybe"}, ["/disposition"]),
        ({"note": ""}, ["/note"]),
        ({"note": "  "}, ["/note"]),
        ({"note": "a\x00"}, ["/note"]),
        ({"note": 5}, ["/note"]),
        ({"note": "x" * 4001}, ["/note"]),
        ({"version": "1"}, ["/version"]),
        ({"version": True}, ["/version"]),
        ({"version": 2**40}, ["/version"]),
        ({"verdict": "fraud"}, ["/verdict"]),
        ({"disposition": None, "note": None}, ["/disposition", "/note"]),
    ],
)
def test_a_wrong_verdict_is_refused_by_name_and_changes_nothing(alert, as_person, change, pointers):
    answer = as_person("analyst").post(f"{URL}{alert.pk}/resolve/", verdict(**change))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert Alert.objects.get().status == "open"
    assert not AuditEvent.objects.filter(action="alert.resolved").exists()


@pytest.mark.parametrize("role", ["auditor"])
@pytest.mark.parametrize("route", ["resolve/", "assign/"])
def test_an_auditor_changes_nothing(alert, as_person, role, route):
    assert as_person(role).post(f"{URL}{alert.pk}/{route}", verdict()).status_code == 403
    assert Alert.objects.get().version == 1


def test_a_verdict_needs_a_person(alert, as_key):
    answer = as_key("admin").post(f"{URL}{alert.pk}/resolve/", verdict())
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Alerts are worked by people; use a person's token."
    assert Alert.objects.get().status == "open"


def test_an_alert_is_given_to_somebody_and_to_nobody(alert, as_person, analyst):
    client = as_person("admin")
    given = client.post(f"{URL}{alert.pk}/assign/", {"assignee": analyst.email.upper(), "version": 1})
    assert (given.status_code, given.json()["assignee"]) == (200, analyst.email)
    assert client.get(URL, {"assignee": analyst.email}).json()["results"][0]["id"] == alert.pk
    taken = client.post(f"{URL}{alert.pk}/assign/", {"assignee": None, "version": 2})
    assert (taken.status_code, taken.json()["assignee"]) == (200, None)


def test_an_alert_is_not_given_to_an_auditor_or_a_stranger(alert, as_person, auditor):
    for email in (auditor.email, "nobody@example.com"):
        answer = as_person("admin").post(f"{URL}{alert.pk}/assign/", {"assignee": email, "version": 1})
        assert answer.json()["errors"][0]["pointer"] == "/assignee"
    assert Alert.objects.get().assignee is None


def test_the_detail_shows_what_hit(alert, as_key):
    shown = as_key("read").get(f"{URL}{alert.pk}/").json()
    assert [(hit["rule"], hit["transaction_id"]) for hit in shown["hits"]] == [("ACCOUNT_DRAIN", "B")]
    assert (shown["amount"], shown["customer"]) == ("9100.00", "acc-1")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "open"}, 1),
        ({"status": "resolved"}, 0),
        ({"severity": "high"}, 1),
        ({"severity": "low"}, 0),
        ({"family": "balance"}, 1),
        ({"rule": "ACCOUNT_DRAIN"}, 1),
        ({"engine": "aml"}, 0),
        ({"customer": "acc-1"}, 1),
        ({"opened_before": "2020-01-01T00:00:00Z"}, 0),
    ],
)
def test_the_list_is_filtered(alert, as_key, query, count):
    assert len(as_key("read").get(URL, query).json()["results"]) == count


@pytest.mark.parametrize("path", ["999999/", "999999999999999999/", "99999999999999999999999/", "-1/", "x/"])
def test_an_unknown_alert_is_not_found(as_key, as_person, path):
    assert as_key("read").get(URL + path).status_code == 404
    assert as_person("analyst").post(f"{URL}{path}resolve/", verdict()).status_code == 404
