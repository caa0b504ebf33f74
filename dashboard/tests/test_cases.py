"""The pages of cases: what is shown to whom, every action, and what is refused."""

from datetime import date

import pytest

from alerts.models import Alert, Case, CaseComment, CaseFile, CaseReport
from alerts.services.cases.opening import open_case
from alerts.services.cases.reporting import start_report
from users.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.CASE_FILES_DIR = tmp_path / "files"


@pytest.fixture
def case(drained, person):
    return open_case(title="Claire's takeover", acting_user=person("analyst"), alert_ids=[drained.pk])


def post(browser, case, what, follow=True, **fields):
    return browser.post(f"/cases/{case.pk}/{what}/", {"version": case.version} | fields, follow=follow)


def text_of(answer):
    return answer.content.decode()


def test_a_case_is_opened_from_an_alert_and_listed(signed_in, drained):
    browser = signed_in("analyst")
    form = text_of(browser.get(f"/cases/new/?alerts={drained.pk}"))
    assert f'value="{drained}"' in form and 'value="C-100"' in form
    answer = browser.post(
        "/cases/new/", {"title": "Takeover", "alerts": str(drained), "mine": "1"}, follow=True
    )
    case = Case.objects.get()
    assert (case.customer.external_id, case.assignee) == ("C-100", browser.person)
    assert f"{case} is open." in text_of(answer)
    for address, listed in (
        ("", True),
        ("?tab=mine", True),
        ("?tab=closed", False),
        ("?tab=overdue", False),
        (f"?q=K-{case.pk}", True),
        ("?q=claire", True),
        ("?q=nobody", False),
        ("?severity=low", False),
        ("?after=x%00&tab=odd&severity=%00", True),
    ):
        assert (f"/cases/{case.pk}/" in text_of(browser.get(f"/cases/{address}"))) is listed, address


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"title": ""}, 422), ({"customer": "nobody"}, 422), ({"alerts": ""}, 422), ({"title": "\x00"}, 422)],
)
def test_a_wrong_form_opens_nothing(signed_in, drained, fields, status):
    given = {"title": "T", "alerts": str(drained.pk)} | fields
    answer = signed_in("analyst").post("/cases/new/", given)
    assert answer.status_code == status and "Not opened." in text_of(answer)
    assert not Case.objects.exists()


def test_an_alert_joins_the_customers_case_or_begins_one(signed_in, drained, decide, drain):
    browser = signed_in("analyst")
    begun = browser.post("/cases/add/", {"alerts": drained.pk, "case": ""})
    assert (begun.status_code, begun["Location"]) == (302, f"/cases/new/?alerts={drained.pk}")
    case = open_case(
        title="C", acting_user=browser.person, customer=Customer.objects.get(external_id="C-100")
    )
    browser.post("/cases/add/", {"selected": [f"{drained.pk}:1"], "case": f"k-{case.pk}"})
    assert case.memberships.get().alert == drained
    other = open_case(title="D", acting_user=browser.person, customer=case.customer)
    answer = browser.post("/cases/add/", {"alerts": drained.pk, "case": other.pk})
    assert answer.status_code == 409 and f"belongs to {case}, which is open" in text_of(answer)


def test_every_action_of_the_page(signed_in, case):
    browser = signed_in("analyst")
    post(browser, case, "assign", assignee="me")
    case.refresh_from_db()
    post(browser, case, "status", status="investigating")
    case.refresh_from_db()
    post(browser, case, "edit", title="Other", due_at="2026-12-01T10:00")
    case.refresh_from_db()
    assert (case.assignee, case.status, case.title, case.due_at.year) == (
        *(browser.person, "investigating", "Other"),
        2026,
    )
    post(browser, case, "comment", text="called <b>her</b>")
    post(browser, case, "task", title="call again", assignee="me", due_at="")
    post(browser, case, "tick", task=case.tasks.get().pk, done="1")
    post(browser, case, "narrative", number="0", who="Claire", why="new device")
    shown = text_of(browser.get(f"/cases/{case.pk}/"))
    for text in ("called &lt;b&gt;her&lt;/b&gt;", "call again", "new device", "Narrative saved", "Task done"):
        assert text in shown, text
    seen = f"{case.alerts.get().pk}:1"
    closed = post(browser, case, "close", verdict="false_positive", note="she confirmed", seen_alerts=seen)
    assert "is closed, with its alerts." in text_of(closed)
    assert Alert.objects.get(cases=case).disposition == "false_positive"
    case.refresh_from_db()
    post(browser, case, "reopen", reason="new facts")
    case.refresh_from_db()
    assert case.status == "investigating"


def test_a_stale_or_wrong_edit_is_said_on_the_page_and_changes_nothing(signed_in, case):
    browser = signed_in("analyst")
    post(browser, case, "assign", assignee="me")
    before = list(Case.objects.values())
    stale = post(browser, case, "status", status="investigating")
    assert stale.status_code == 409
    assert f"{browser.person.email} assigned it to" in text_of(stale)
    case.refresh_from_db()
    for what, fields in (
        ("status", {"status": "waiting"}),
        ("close", {"verdict": "guilty", "note": "x"}),
        ("close", {"verdict": "inconclusive", "note": ""}),
        ("merge", {"into": "K-999999"}),
        ("merge", {"into": "x"}),
        ("split", {"title": "x"}),
        ("edit", {"title": "x", "due_at": "9999-99-99"}),
        ("comment", {"text": ""}),
        ("assign", {"assignee": "nobody@example.com"}),
    ):
        answer = post(browser, case, what, **fields)
        assert answer.status_code == 422 and "Not saved." in text_of(answer), what
    assert list(Case.objects.values()) == before and not CaseComment.objects.exists()


def test_the_history_names_people_and_leaves_out_what_is_empty(signed_in, case):
    browser = signed_in("analyst")
    browser.person.name = "Kim Lee"
    browser.person.save()
    post(browser, case, "task", title="call again", assignee="me", due_at="")
    shown = text_of(browser.get(f"/cases/{case.pk}/"))
    task = case.tasks.get().pk
    assert f"Kim Lee: task {task}, assignee Kim Lee" in shown and "missing" not in shown


def test_hits_since_the_page_was_opened_stop_an_approval(signed_in, case, settings):
    settings.CASE_FOUR_EYES_AMOUNT = 100
    post(signed_in("analyst"), case, "close", verdict="confirmed_fraud", note="denied")
    case.refresh_from_db()
    second, alert = signed_in("analyst"), case.alerts.get()
    assert f'name="seen_alerts" value="{alert.pk}:{alert.version}"' in text_of(
        second.get(f"/cases/{case.pk}/")
    )
    stale = post(second, case, "approve", seen_alerts=f"{alert.pk}:{alert.version - 1}")
    assert stale.status_code == 409 and "changed since you looked" in text_of(stale)
    post(second, case, "approve", seen_alerts=f"{alert.pk}:{alert.version}")
    case.refresh_from_db()
    assert case.status == "closed"


def test_what_was_typed_in_a_refused_comment_stays(signed_in, case):
    browser = signed_in("analyst")
    answer = post(browser, case, "comment", text="mine", corrects="999")
    assert answer.status_code == 422 and ">mine</textarea>" in text_of(answer)


def test_large_fraud_is_approved_by_another_person(signed_in, case, settings):
    settings.CASE_FOUR_EYES_AMOUNT = 100
    first = signed_in("analyst")
    post(first, case, "close", verdict="confirmed_fraud", note="denied")
    case.refresh_from_db()
    assert "Waiting for a second person." in text_of(first.get(f"/cases/{case.pk}/"))
    assert post(first, case, "approve").status_code == 409
    assert "Approve: close as" in text_of(signed_in("analyst").get(f"/cases/{case.pk}/"))
    post(first, case, "approve")
    case.refresh_from_db()
    assert case.status == "closed"


def test_a_file_is_attached_downloaded_and_never_shown(signed_in, case):
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser = signed_in("analyst")
    file = SimpleUploadedFile("note.txt", b"evidence", content_type="text/html")
    browser.post(f"/cases/{case.pk}/files/", {"file": file})
    stored = CaseFile.objects.get()
    answer = browser.get(f"/cases/{case.pk}/files/{stored.pk}/")
    assert b"".join(answer.streaming_content) == b"evidence"
    assert answer["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    wrong = browser.post(f"/cases/{case.pk}/files/", {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert wrong.status_code == 422 and CaseFile.objects.count() == 1


def test_an_upload_without_the_forms_token_is_refused(case, person):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("analyst"))
    file = SimpleUploadedFile("note.txt", b"evidence")
    assert browser.post(f"/cases/{case.pk}/files/", {"file": file}).status_code == 403
    assert not CaseFile.objects.exists()


def test_only_permitted_people_see_that_there_is_a_report(signed_in, case, admin):
    places = (f"/cases/{case.pk}/", "/cases/", "/", f"/customers/{case.customer_id}/", "/search/?q=K-1")
    analyst = signed_in("analyst")
    before = {place: text_of(analyst.get(place)) for place in places}
    start_report(case_id=case.pk, acting_user=admin, determined_on=date(2026, 3, 2), suspect_identified=True)
    for place in places:
        assert "report" not in _words(text_of(analyst.get(place))) - _words(before[place]), place
    assert "Suspicious" not in text_of(analyst.get(f"/cases/{case.pk}/"))
    assert post(analyst, case, "report", determined_on="2026-03-02").status_code == 403
    for role in ("admin", "auditor"):
        shown = text_of(signed_in(role).get(f"/cases/{case.pk}/"))
        assert "Suspicious-activity report" in shown and "1 Apr 2026" in shown, role


def _words(text):
    return set(text.lower().split())


def test_an_admin_files_a_report_on_the_page(signed_in, case):
    browser = signed_in("admin")
    post(browser, case, "report", determined_on="2026-03-02", suspect_identified="1")
    report = CaseReport.objects.get()
    filed = {"report": report.pk, "version": 1, "do": "file", "reference": "FIU-7", "text": ""}
    assert browser.post(f"/cases/{case.pk}/report/", filed).status_code == 302
    assert CaseReport.objects.get().state == "filed"
    assert browser.post(f"/cases/{case.pk}/report/", filed).status_code == 409
    assert post(browser, case, "report", determined_on="soon").status_code == 422


def test_an_auditor_reads_without_a_single_form(signed_in, case):
    shown = text_of(signed_in("auditor").get(f"/cases/{case.pk}/"))
    assert f'action="/cases/{case.pk}/' not in shown and "Evidence pack" in shown


@pytest.mark.parametrize("kind", ["zip", "pdf"])
def test_a_pack_is_handed_out(signed_in, case, kind):
    answer = signed_in("auditor").get(f"/cases/{case.pk}/export.{kind}")
    assert b"".join(answer.streaming_content)[:2] == {"zip": b"PK", "pdf": b"%P"}[kind]
    assert answer["Content-Disposition"] == f'attachment; filename="{case}.{kind}"'
