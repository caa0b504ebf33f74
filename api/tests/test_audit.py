"""The audit trail and the logs through HTTP, for admins and auditors."""

import csv
import io
import json

import pytest

from logs.models import ApiCall, AuditEvent, SystemEvent
from logs.services import record
from logs.services.calls.writing import write
from logs.services.chain.sealing import last_seal, seal_events
from logs.services.chain.verified import verify_and_note
from logs.services.system_events import note
from logs.tests.test_calls import call
from users.models import Customer

pytestmark = pytest.mark.django_db


def deed(**changes):
    values = {
        "action": "alert.assigned",
        "actor_kind": "user",
        "actor": "ana@example.com",
        "subject_kind": "alert",
        "subject": "7",
        "before": {"assignee": None},
        "after": {"assignee": "ana@example.com"},
        "request_id": "req-00000001",
    }
    return record(**(values | changes))


@pytest.fixture
def auditing(as_person):
    return as_person("auditor")


def test_the_trail_is_searched_page_by_page_as_documented(document, auditing):
    deeds = [deed(subject=str(number)) for number in range(5)]
    deed(action="case.closed", actor="bob@example.com", subject_kind="case")
    first = auditing.get("/api/v1/audit/?subject_kind=alert&limit=3")
    document.check(first)
    assert [row["subject"] for row in first.json()["results"]] == ["4", "3", "2"]
    second = auditing.get(first.json()["next"]).json()
    assert [row["subject"] for row in second["results"]] == ["1", "0"] and second["next"] is None
    assert first.json()["results"][0]["before"] == {"assignee": None}
    for query, count in (
        ("actor=bob@example.com", 1),
        ("action=alert.assigned&subject=4", 1),
        ("request_id=req-00000001", 6),
        (f"before={deeds[0].at.isoformat().replace('+', '%2B')}", 0),
        ("actor_kind=key", 0),
    ):
        assert len(auditing.get(f"/api/v1/audit/?{query}").json()["results"]) == count, query


def test_one_event_names_its_seal(document, auditing):
    event = deed()
    answer = auditing.get(f"/api/v1/audit/{event.pk}/")
    document.check(answer)
    assert answer.json()["seal"] is None
    seal_events()
    assert auditing.get(f"/api/v1/audit/{event.pk}/").json()["seal"] == last_seal().number
    assert auditing.get("/api/v1/audit/999999999/").status_code == 404


def test_the_head_is_shown_with_the_last_verification(document, auditing):
    answer = auditing.get("/api/v1/audit/head/")
    document.check(answer)
    assert answer.json()["seal"] == 0 and answer.json()["verified_ok"] is None
    deed()
    seal_events()
    verify_and_note()
    deed()
    head = auditing.get("/api/v1/audit/head/").json()
    assert (head["hash"], head["unsealed"], head["verified_ok"]) == (last_seal().hash, 1, True)


def test_an_export_is_whole_harmless_and_itself_recorded(auditing):
    deed(actor="=HYPERLINK(1)", after={"note": 'a,b\n"c"'})
    deed(subject="8")
    answer = auditing.get("/api/v1/audit/export/?subject_kind=alert")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["subject"] for row in rows] == ["7", "8"]
    assert rows[0]["actor"] == "'=HYPERLINK(1)" and json.loads(rows[0]["after"]) == {"note": 'a,b\n"c"'}
    told = AuditEvent.objects.first()
    assert (told.action, told.actor) == ("audit.exported", auditing.person.email)
    assert told.after["filters"] == {"subject_kind": "alert"} and told.after["format"] == "csv"


def test_json_lines_hold_the_values_as_they_are(auditing):
    deed(actor="=1+1")
    answer = auditing.get("/api/v1/audit/export/?format=jsonl")
    (row,) = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    assert (row["actor"], row["after"]) == ("=1+1", {"assignee": "ana@example.com"})
    assert answer["Content-Type"].startswith("application/x-ndjson")


@pytest.mark.parametrize("query", ["format=xml", "colour=red", "after=yesterday"])
def test_a_wrong_export_is_refused_and_not_recorded(auditing, query):
    assert auditing.get(f"/api/v1/audit/export/?{query}").status_code == 422
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_calls_are_searched(document, auditing):
    write(
        [call(), call(status=500, latency_us=900_000, request_id="req-00000002"), call(route="api/v1/score")]
    )
    answer = auditing.get("/api/v1/logs/calls/")
    document.check(answer)
    assert [row["status"] for row in answer.json()["results"]] == [201, 500, 201]
    for query, count in (
        ("status_min=500", 1),
        ("slower_than_ms=100", 1),
        ("route=api/v1/score", 1),
        ("request_id=req-00000002", 1),
        ("caller=nobody", 0),
    ):
        assert len(auditing.get(f"/api/v1/logs/calls/?{query}").json()["results"]) == count, query
    assert ApiCall.objects.count() == 3


def test_predictions_are_searched_by_score(document, auditing, approving_engine, as_key, payment, drain):
    for body in (payment(), drain()):
        assert as_key("ingest").post("/api/v1/transactions/", body).status_code == 201
    answer = auditing.get("/api/v1/logs/predictions/?score_min=50")
    document.check(answer)
    assert [row["risk_score"] >= 50 for row in answer.json()["results"]] == [True]
    assert len(auditing.get("/api/v1/logs/predictions/?score_max=100").json()["results"]) == 2


def test_the_log_of_model_versions_and_of_the_system(document, auditing, registered):
    version = registered()
    answer = auditing.get(f"/api/v1/logs/model-versions/?model={version}")
    document.check(answer)
    assert [row["action"] for row in answer.json()["results"]] == ["model.registered"]
    note("backup.taken", component="database", text="Backup b was taken", detail={"rows": 3})
    answer = auditing.get("/api/v1/logs/system-events/?kind=backup.taken")
    document.check(answer)
    assert answer.json()["results"][0]["detail"] == {"rows": 3}
    assert SystemEvent.objects.filter(kind="backup.taken").count() == 1


LOGS = ("calls", "predictions", "model-versions", "system-events")
ROUTES = ("audit/", "audit/export/", "audit/head/", *(f"logs/{name}/" for name in LOGS))


@pytest.mark.parametrize(
    "query",
    [
        *(
            "calls/?slower_than_ms=1e300",
            "calls/?status=99999999999",
            "calls/?status=1.5",
            "calls/?status=nan",
        ),
        *("calls/?status_min=-1e30", "predictions/?score_min=1e400", "predictions/?score_max=nan"),
        *("calls/?after=0001-01-01T00:00:00Z", "system-events/?level=loud", "model-versions/?action=x"),
    ],
)
def test_hostile_numbers_and_unknown_choices_are_no_error_of_ours(auditing, query):
    write([call()])
    assert auditing.get(f"/api/v1/logs/{query}").status_code in (200, 422)


@pytest.mark.parametrize("route", ROUTES)
def test_analysts_and_reading_keys_are_refused(as_person, as_key, route):
    assert as_person("analyst").get(f"/api/v1/{route}").status_code == 403
    assert as_key("read").get(f"/api/v1/{route}").status_code == 403


def acc_1() -> str:
    return str(Customer.objects.get(external_id="acc-1").pk)


class TestReadsOfPersonalData:
    def test_a_customer_and_a_transaction_are_one_read(self, auditing, as_key, approving_engine, payment):
        body = payment()
        as_key("ingest").post("/api/v1/transactions/", body)
        auditing.get("/api/v1/customers/acc-1/")
        auditing.get(f"/api/v1/transactions/{body['transaction_id']}/")
        auditing.get("/api/v1/customers/")  # a list shows names, not the whole of anybody
        (event,) = AuditEvent.objects.filter(action="customer.viewed")
        assert (event.actor, event.subject, event.after) == (auditing.person.email, acc_1(), {"what": "api"})

    def test_a_key_and_what_is_not_there(self, as_key, approving_engine, payment):
        as_key("ingest").post("/api/v1/transactions/", payment())
        key = as_key("read")
        assert key.get("/api/v1/customers/nobody/").status_code == 404
        key.get("/api/v1/customers/acc-1/")
        (event,) = AuditEvent.objects.filter(action="customer.viewed")
        assert (event.actor_kind, event.subject) == ("key", acc_1())

    def test_what_a_test_key_is_shown_is_recorded_though_its_call_is_undone(
        self, as_key, approving_engine, payment
    ):
        as_key("ingest").post("/api/v1/transactions/", payment())
        as_key("read", is_test=True).get("/api/v1/customers/acc-1/")
        assert AuditEvent.objects.filter(action="customer.viewed", subject=acc_1()).count() == 1
