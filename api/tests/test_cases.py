"""Cases over HTTP: who, what, stale edits, and nothing of a report for those who may not know of one."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from alerts.models import Alert, Case, CaseFile, CaseReport
from alerts.services.cases.reporting import start_report
from logs.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/cases/"


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.CASE_FILES_DIR = tmp_path / "files"


@pytest.fixture
def alert(as_key, drain):
    as_key("ingest").post("/api/v1/transactions/", drain(transaction_id="B"))
    return Alert.objects.get()


@pytest.fixture
def case(as_person, alert):
    as_person("analyst").post(URL, {"title": "Drained", "alerts": [alert.pk]})
    return Case.objects.get()


def test_a_case_is_opened_once_under_a_key(as_person, alert, document):
    client = as_person("analyst")
    for replayed in (False, True):
        answer = document.check(
            client.post(URL, {"title": "T", "alerts": [alert.pk]}, headers={"Idempotency-Key": "k"})
        )
        assert answer.status_code == 201 and ("Idempotent-Replayed" in answer) is replayed
    shown = answer.json()
    assert (shown["number"], shown["customer"], shown["amount"]) == (f"K-{shown['id']}", "acc-1", "9100.00")
    assert (shown["alert_count"], shown["version"], Case.objects.count()) == (1, 1, 1)
    assert AuditEvent.objects.get(action="case.opened").actor == client.person.email
    again = document.check(client.post(URL, {"title": "U", "alerts": [alert.pk]}))
    assert again.status_code == 409 and f"K-{shown['id']}" in again.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "a\x00"}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"alerts": [10**400]}, ""),
        ({"alerts": [2**70]}, "/alerts/0"),
        ({"alerts": [999999]}, "/alerts"),
        ({"alerts": "1"}, "/alerts"),
        ({"customer": "nobody"}, "/customer"),
        ({"customer": "\x00"}, "/customer"),
        ({"assignee": "nobody@example.com"}, "/assignee"),
        ({"due_at": "soon"}, "/due_at"),
        ({"colour": 1}, "/colour"),
    ],
)
def test_bad_input_is_refused_by_name(as_person, alert, change, pointer):
    answer = as_person("analyst").post(URL, {"title": "T", "alerts": [alert.pk]} | change)
    assert answer.status_code == (422 if pointer else 400)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ([pointer] if pointer else [])
    assert not Case.objects.exists()


def test_every_edit_answers_as_documented(as_person, case, document, settings):
    settings.CASE_FOUR_EYES_AMOUNT = 100
    client, other = as_person("analyst"), as_person("admin")
    one = f"{URL}{case.pk}/"

    def sent(method, path, body, status=200, by=client):
        answer = document.check(getattr(by, method)(one + path, body))
        assert answer.status_code == status, answer.content
        return answer.json()

    assert sent("patch", "", {"title": "Takeover", "version": 1})["title"] == "Takeover"
    sent("post", "assign/", {"assignee": client.person.email, "version": 2})
    sent("post", "status/", {"status": "investigating", "version": 3})
    assert sent("post", "escalate/", {"reason": "large", "version": 4})["status"] == "escalated"
    comment = sent("post", "comments/", {"text": f"see @{other.person.email}"}, 201)
    assert comment["mentions"] == [other.person.email]
    task = sent("post", "tasks/", {"title": "call", "assignee": None, "due_at": None}, 201)
    assert sent("post", f"tasks/{task['id']}/", {"done": True})["done_by"] == client.person.email
    assert sent("put", "narrative/", {"number": 0, "who": "Claire"})["number"] == 1
    sent("put", "narrative/", {"number": 0, "who": "x"}, 409)
    verdict = {"verdict": "confirmed_fraud", "note": "denied", "version": 5}
    proposed = sent("post", "close/", verdict | {"alerts": [{"alert": case.alerts.get().pk, "version": 1}]})
    assert (proposed["status"], proposed["proposed_by"]) == ("waiting", client.person.email)
    sent("post", "approve-closing/", {"version": 6}, 403)
    sent("post", "approve-closing/", {"version": 6, "approve": False}, 422, by=other)
    assert sent("post", "approve-closing/", {"version": 6}, by=other)["status"] == "closed"
    stale = sent("post", "assign/", {"assignee": None, "version": 6}, 409)
    assert f"{other.person.email} closed it as confirmed fraud" in stale["detail"]
    assert sent("post", "reopen/", {"reason": "new facts", "version": 7})["status"] == "investigating"
    shown = document.check(client.get(one)).json()
    assert [step["action"] for step in shown["history"]][:2] == ["case.reopened", "case.closed"]
    assert (shown["narrative"]["who"], len(shown["comments"]), len(shown["tasks"])) == ("Claire", 1, 1)
    for path in ("comments/", "narrative/"):
        assert document.check(client.get(one + path)).status_code == 200


def test_alerts_are_added_split_and_merged(as_person, case, as_key, drain, document):
    as_key("ingest").post("/api/v1/transactions/", drain(transaction_id="C", sender_id="acc-9"))
    client, second = as_person("analyst"), Alert.objects.order_by("-id").first()
    one = f"{URL}{case.pk}/"
    added = document.check(client.post(one + "alerts/", {"alerts": [second.pk], "version": 1})).json()
    assert added["alert_count"] == 2
    body = {"alerts": [second.pk], "title": "Other", "version": 2}
    fresh = document.check(client.post(one + "split/", body)).json()
    assert (fresh["title"], fresh["alert_count"]) == ("Other", 1)
    body = {"into": case.pk, "version": fresh["version"], "into_version": 3}
    target = document.check(client.post(f"{URL}{fresh['id']}/merge/", body)).json()
    assert (target["id"], target["alert_count"]) == (case.pk, 2)
    late = client.post(f"{URL}{fresh['id']}/comments/", {"text": "late"})
    assert (late.status_code, late.json()["case"]) == (201, case.pk)
    gone = client.post(f"{URL}{fresh['id']}/assign/", {"assignee": None, "version": 2})
    assert gone.status_code == 409 and f"merged K-{fresh['id']} into K-{case.pk}" in gone.json()["detail"]


def test_the_list_is_filtered_and_paged(as_person, as_key, case, document):
    person, reader = as_person("analyst"), as_key("read")
    person.post(URL, {"title": "Second", "customer": "acc-1", "severity": "low"})
    for query, titles in (
        ({}, ["Second", "Drained"]),
        ({"severity": "low"}, ["Second"]),
        ({"engine": "payments"}, ["Drained"]),
        ({"q": f"K-{case.pk}"}, ["Drained"]),
        ({"q": "drai"}, ["Drained"]),
        ({"customer": "acc-1", "status": "closed"}, []),
        ({"due_before": "2020-01-01T00:00:00Z"}, []),
    ):
        answer = document.check(reader.get(URL, query))
        assert [row["title"] for row in answer.json()["results"]] == titles, query
    first = reader.get(URL, {"limit": 1}).json()
    assert [row["title"] for row in reader.get(first["next"]).json()["results"]] == ["Drained"]
    assert document.check(reader.get(URL, {"colour": "red"})).status_code == 422


def test_a_file_goes_in_and_comes_out(as_person, case, document, settings):
    client, address = as_person("analyst"), f"{URL}{case.pk}/files/"
    file = SimpleUploadedFile("note.txt", b"evidence", content_type="text/html")
    answer = document.check(client.post(address, {"file": file}, format="multipart"))
    assert (answer.status_code, answer.json()["content_type"]) == (201, "text/plain")
    got = client.get(f"{address}{answer.json()['id']}/")
    assert b"".join(got.streaming_content) == b"evidence"
    assert got["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert (got["X-Content-Type-Options"], got["Content-Type"]) == ("nosniff", "application/octet-stream")
    settings.CASE_FILE_MB = 1
    refusals = (
        ({"file": SimpleUploadedFile("a.html", b"<script>")}, 422),
        ({"other": SimpleUploadedFile("a.txt", b"x")}, 422),
        ({"file": SimpleUploadedFile("a.txt", b"x" * 2**21)}, 413),
    )
    for body, status in refusals:
        assert document.check(client.post(address, body, format="multipart")).status_code == status
    assert client.post(address, {"file": "x"}).status_code == 422
    assert CaseFile.objects.count() == 1


@pytest.mark.parametrize(("format", "start"), [("zip", b"PK"), ("pdf", b"%P")])
def test_a_pack_is_exported_by_people_alone(as_person, as_key, case, format, start):
    address = f"{URL}{case.pk}/export/?format={format}"
    assert as_key("read").get(address).status_code == 403
    answer = as_person("auditor").get(address)
    assert b"".join(answer.streaming_content)[:2] == start
    assert as_person("auditor").get(f"{URL}{case.pk}/export/?format=exe").status_code == 422
    assert AuditEvent.objects.filter(action="case.exported").count() == 1


def test_a_report_is_there_for_permitted_people_alone(as_person, as_key, case, admin, document):
    analyst, reader = as_person("analyst"), as_key("read", "admin")
    one = f"{URL}{case.pk}/"
    places = (one, URL, "/api/v1/customers/acc-1/", f"/api/v1/alerts/{case.alerts.get().pk}/")
    for place in places:
        analyst.get(place)  # an alert says when one looked at it last
    before = {place: analyst.get(place).content for place in places}
    start_report(case_id=case.pk, acting_user=admin, determined_on=date(2026, 3, 2), suspect_identified=True)
    for place in places:
        assert analyst.get(place).content == before[place], place
    for client in (analyst, reader):
        assert client.get(one + "report/").status_code == 403
        assert client.post(one + "report/", {}).status_code == 403
        assert client.get(f"{URL}999999/report/").status_code == 403
    shown = document.check(as_person("auditor").get(one + "report/")).json()["results"]
    assert [(row["state"], row["due_on"]) for row in shown] == [("draft", "2026-04-01")]
    assert as_person("auditor").post(one + "report/", {}).status_code == 403


def test_an_admin_takes_a_report_to_its_end(as_person, case, document):
    client, address = as_person("admin"), f"{URL}{case.pk}/report/"
    body = {"determined_on": "2026-03-02", "suspect_identified": False}
    report = document.check(client.post(address, body)).json()
    assert report["due_on"] == "2026-05-01"
    assert document.check(client.post(address, body)).status_code == 409

    def edit(status, **fields):
        answer = document.check(client.patch(address, {"report": report["id"], **fields}))
        assert answer.status_code == status, answer.content
        return answer.json()

    assert edit(200, version=1, text="structuring")["version"] == 2
    edit(409, version=1, text="late")
    edit(422, version=2, state="filed")
    edit(422, version=2, state="filed", text="both", reference="FIU-7")
    assert edit(200, version=2, state="filed", reference="FIU-7")["reference"] == "FIU-7"
    edit(409, version=3, state="not_required", reason="x")
    assert CaseReport.objects.get().state == "filed"


@pytest.mark.parametrize("path", ["999999/", "999999999999999999/", "-1/", "x/"])
def test_an_unknown_case_is_not_found(as_person, path):
    client = as_person("analyst")
    assert client.get(URL + path).status_code == 404
    assert client.post(f"{URL}{path}comments/", {"text": "x"}).status_code == 404
    assert client.post(f"{URL}{path}assign/", {"assignee": None, "version": 1}).status_code == 404


def test_an_auditor_and_a_key_change_nothing(as_person, as_key, case):
    for client in (as_person("auditor"), as_key("admin")):
        for path in ("assign/", "close/", "comments/", "files/", "merge/", "tasks/"):
            assert client.post(f"{URL}{case.pk}/{path}", {"version": 1}).status_code == 403
    assert Case.objects.get().version == 1
