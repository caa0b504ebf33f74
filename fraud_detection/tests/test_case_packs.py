"""Evidence packs: read back, member by member, with and without what only some may read."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import date

import pytest
from pypdf import PdfReader

from alerts.models import Alert
from alerts.selectors.cases import case_list
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.filing import attach_file, path_of
from alerts.services.cases.narrating import write_narrative
from alerts.services.cases.opening import open_case
from alerts.services.cases.reporting import edit_report, start_report
from fraud_detection.models import Assessment
from fraud_detection.services.case_packs import evidence, export_case
from fraud_detection.services.decisions import decide_payment
from logs.models import AuditEvent
from transactions.services import record_labels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.CASE_FILES_DIR = tmp_path / "files"


@pytest.fixture
def case(drain, client_system, analyst):
    """Two drained accounts in one alert, the second under a name that a spreadsheet would compute."""
    decide_payment(drain(transaction_id="D-1"), client=client_system)
    decide_payment(drain(transaction_id="D-2", receiver_name="=HYPERLINK(1)"), client=client_system)
    alert = Alert.objects.get()
    made = open_case(title="Опустошённый счёт 张伟 <b>", acting_user=analyst, alert_ids=[alert.pk])
    comment_on_case(case_id=made.pk, acting_user=analyst, text="Ümit & co. ก")
    write_narrative(case_id=made.pk, acting_user=analyst, fields={"who": "Łukasz"}, seen_number=0)
    return case_list().get()


def unpacked(parts):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def lines(content):
    return [json.loads(line) for line in content.decode().splitlines()]


def test_the_zip_holds_everything_and_the_sums_that_prove_it(case, analyst):
    file = attach_file(case_id=case.pk, acting_user=analyst, name="a.txt", content=[b"evidence"])
    pack = unpacked(export_case(case=case, acting_user=analyst, format="zip", request_id="r-1"))
    assert list(pack) == [
        *("case.pdf", "case.json", "decisions.jsonl", "transactions.csv", "audit.jsonl"),
        *(f"files/{file.pk}-a.txt", "manifest.json"),
    ]
    manifest = json.loads(pack["manifest.json"])
    assert manifest["case"] == str(case)
    assert {m["name"]: (m["bytes"], m["sha256"]) for m in manifest["members"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name, content in pack.items()
        if name != "manifest.json"
    }
    told = json.loads(pack["case.json"])
    assert (told["title"], told["narrative"]["who"]) == (case.title, "Łukasz")
    assert told["decisions"] == {"in_case": 2, "included": 2}
    assert [alert["rule"] for alert in told["alerts"]] == ["ACCOUNT_DRAIN"]
    assert pack[f"files/{file.pk}-a.txt"] == b"evidence"
    audit = lines(pack["audit.jsonl"])
    assert [step["action"] for step in audit] == [
        *("case.opened", "case.commented", "case.narrative_saved", "case.file_added", "case.exported")
    ]
    event = AuditEvent.objects.get(action="case.exported")
    assert (event.actor, event.after, event.request_id) == (analyst.email, {"format": "zip"}, "r-1")


def test_decisions_come_with_features_and_hits(case, analyst):
    newest, _ = lines(unpacked(export_case(case=case, acting_user=analyst, format="zip"))["decisions.jsonl"])
    assert (newest["event"], newest["id"]) == ("D-2", Assessment.objects.order_by("-pk")[0].pk)
    assert newest["features"]["amount"] == 9100.0
    assert "ACCOUNT_DRAIN" in [hit["rule"] for hit in newest["hits"]]


def test_no_cell_of_the_payments_is_a_formula_and_labels_stand_beside(case, analyst):
    newest = Assessment.objects.order_by("-pk")[0]
    record_labels([newest.transaction_id], verdict="fraud", source="customer", known_at=newest.decided_at)
    content = unpacked(export_case(case=case, acting_user=analyst, format="zip"))["transactions.csv"]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(row["transaction_id"], row["receiver_name"], row["label"]) for row in rows] == [
        ("D-2", "'=HYPERLINK(1)", "fraud"),
        ("D-1", "", ""),
    ]


def test_the_pdf_reads_in_every_script_and_escapes(case, analyst):
    reader = PdfReader(io.BytesIO(b"".join(export_case(case=case, acting_user=analyst, format="pdf"))))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for expected in ("Опустошённый", "<b>", "Ümit & co.", "Łukasz", "[U+0E01]", "9,100.00", "ACCOUNT_DRAIN"):
        assert expected in text, expected


def test_a_pack_is_bounded_and_says_so(case, analyst, monkeypatch):
    monkeypatch.setattr("fraud_detection.services.case_packs.contents.MOST_DECISIONS", 1)
    monkeypatch.setattr(evidence, "MOST_DECISIONS", 1)
    pack = unpacked(export_case(case=case, acting_user=analyst, format="zip"))
    assert [row["event"] for row in lines(pack["decisions.jsonl"])] == ["D-2"]
    assert json.loads(pack["case.json"])["decisions"] == {"in_case": 2, "included": 1}
    assert pack["transactions.csv"].count(b"\n") == 2


def test_a_damaged_attachment_is_named_and_the_rest_is_there(case, analyst):
    file = attach_file(case_id=case.pk, acting_user=analyst, name="a.txt", content=[b"evidence"])
    path_of(file.stored).write_bytes(b"other")
    pack = unpacked(export_case(case=case, acting_user=analyst, format="zip"))
    assert "a.txt" in pack["files/DAMAGED.txt"].decode() and "manifest.json" in pack


@pytest.mark.parametrize("format", ["zip", "pdf"])
def test_the_report_is_in_it_only_for_those_who_may_read_it(case, analyst, admin, auditor, format):
    report = start_report(
        case_id=case.pk, acting_user=admin, determined_on=date(2026, 3, 2), suspect_identified=True
    )
    edit_report(report_id=report.pk, acting_user=admin, seen_version=1, text="structuring")

    def content(user):
        whole = b"".join(export_case(case=case, acting_user=user, format=format))
        if format == "pdf":
            return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(whole)).pages)
        pack = unpacked([whole])
        pdf = PdfReader(io.BytesIO(pack.pop("case.pdf")))
        return repr(pack) + "\n".join(page.extract_text() for page in pdf.pages)

    for hint in ("structuring", "report", "Suspicious-activity"):
        assert hint not in content(analyst), hint
        assert hint in content(auditor), hint
    told = AuditEvent.objects.filter(action="report.exported")
    assert {event.actor for event in told} == {auditor.email}
    assert all(step.after == {"format": format} for step in AuditEvent.objects.filter(action="case.exported"))
