"""The guided import of a history: upload, confirm the mapping, report, delete; roles respected."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fraud_detection.models import HistoryUpload, ImportedHistory
from fraud_detection.services.histories import home
from fraud_detection.services.history_uploads import file_of, run_import
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db

LINES = ["tx_id,tx_date,card_id,amount,gender,channel,is_fraud"] + [
    f"t{n},2025-01-{n % 28 + 1:02d} 10:{n % 60:02d},c{n % 9},{n}.25,{'MF'[n % 2]},w{n % 3},{int(n % 8 == 0)}"
    for n in range(160)
]
CSV = "\n".join(LINES).encode()


@pytest.fixture(autouse=True)
def history_dir(settings, tmp_path):
    settings.HISTORY_DIR = tmp_path


def uploaded(client, content: bytes = CSV, name: str = "cards.csv"):
    return client.post("/histories/new/", {"file": SimpleUploadedFile(name, content)})


def choices_of(page: str) -> dict[str, str]:
    """The fields as the page proposes them."""
    selects = re.findall(r'name="(column-\d+)".*?<option value="(\w+)" selected', page, re.S)
    return dict(selects)


def test_a_file_is_uploaded_confirmed_imported_and_reported(signed_in):
    client = signed_in("analyst")
    answer = uploaded(client)
    upload = HistoryUpload.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/histories/uploads/{upload.pk}/")
    page = client.get(answer.url).content.decode()
    assert "A prohibited basis: sex" in page and "t0" in page
    fields = choices_of(page)
    assert list(fields.values()) == ["id", "time", "entity", "amount", "ignore", "categorical", "label"]

    filled = fields | {"name": "cards", "time_kind": "absolute", "fraud": "1", "legitimate": "0"}
    answer = client.post(f"/histories/uploads/{upload.pk}/", filled)
    assert answer.status_code == 302
    upload.refresh_from_db()
    assert upload.stage == "queued"
    assert "Waiting" in client.get(answer.url).content.decode()
    assert client.get(f"{answer.url}state/").json() == {
        "again": False, "stage": "Waiting", "rows": 0, "share": 0.0,
    }  # fmt: skip

    run_import(str(upload.pk))
    run_import(str(upload.pk))  # a task may run twice
    history = ImportedHistory.objects.get()
    assert (history.name, history.rows, history.positives) == ("cards", 160, 20)
    assert history.created_by == client.person.email
    assert not file_of(upload).exists()
    assert client.get(answer.url).url == f"/histories/{history.pk}/"
    report = client.get(f"/histories/{history.pk}/").content.decode()
    assert "12.5% of the known labels" in report and "A prohibited basis: sex" in report
    assert "cards" in client.get("/histories/").content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "is a ZIP archive"),
        (b"only\none\ncolumn\n", "only one column"),
        (b"\x1f\x8b\x08\x00cut", "the compressed file ends early"),
        (b"<html><body>a,b</body></html>", "HTML, XML or JSON"),
    ],
)
def test_files_that_are_no_table_are_refused_on_the_page(signed_in, content, said):
    answer = uploaded(signed_in("analyst"), content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not HistoryUpload.objects.exists()
    assert not list((home() / "uploads").glob("*"))


def test_a_file_above_the_limit_is_refused(signed_in, settings):
    settings.HISTORY_UPLOAD_MB = 1
    answer = uploaded(signed_in("analyst"), CSV * 400)
    assert answer.status_code == 413
    assert "The file is larger than 1 MiB" in answer.content.decode()
    assert not HistoryUpload.objects.exists()


def test_the_page_needs_a_file_and_a_token(signed_in, settings):
    from django.test import Client

    client = signed_in("analyst")
    assert client.post("/histories/new/", {}).status_code == 422
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(client.person)
    assert strict.post("/histories/new/", {"file": SimpleUploadedFile("a.csv", CSV)}).status_code == 403
    assert not HistoryUpload.objects.exists()


def test_a_mapping_that_does_not_hold_together_is_shown_again(signed_in):
    client = signed_in("analyst")
    url = uploaded(client).url
    fields = choices_of(client.get(url).content.decode()) | {"time_kind": "absolute"}
    twice = client.post(url, fields | {"column-0": "amount", "name": "cards", "delay_days": "soon"})
    assert twice.status_code == 422
    assert "Amount: &#x27;tx_id&#x27; and &#x27;amount&#x27; both are" in twice.content.decode()
    assert 'value="soon"' in twice.content.decode()
    assert choices_of(twice.content.decode())["column-0"] == "amount"
    assert (
        "must be a number of days"
        in client.post(url, fields | {"name": "c", "delay_days": "soon"}).content.decode()
    )
    assert "cannot be a name" in client.post(url, fields | {"name": "no good"}).content.decode()
    assert HistoryUpload.objects.get().stage == "draft"


def test_a_refused_import_says_why_and_can_be_corrected(signed_in):
    client = signed_in("analyst")
    url = uploaded(client).url
    fields = choices_of(client.get(url).content.decode()) | {"name": "cards", "time_kind": "absolute"}
    client.post(url, fields | {"fraud": "yes", "legitimate": "no"})
    upload = HistoryUpload.objects.get()
    run_import(upload.pk)
    upload.refresh_from_db()
    assert upload.stage == "failed"
    page = client.get(url).content.decode()
    assert "no value of &#x27;is_fraud&#x27; is a known label" in page
    assert not ImportedHistory.objects.exists()
    client.post(url, fields | {"fraud": "1", "legitimate": "0"})
    run_import(upload.pk)
    assert ImportedHistory.objects.get().positives == 20


def test_the_import_is_a_task_of_the_maintenance_queue(signed_in, settings):
    from fraud_detection.services.history_uploads import TASK
    from fraud_detection.tasks import import_uploaded_history
    from fraudguard.celery import app

    assert import_uploaded_history.name == TASK
    assert app.amqp.router.route({}, TASK)["queue"].name == "maintenance"


def test_a_stalled_import_can_be_started_again(signed_in):
    client = signed_in("analyst")
    url = uploaded(client).url
    long_ago = timezone.now() - timedelta(minutes=3)
    HistoryUpload.objects.update(stage="importing", changed_at=long_ago, name="cards")
    assert client.get(f"{url}state/").json()["again"] is True
    page = client.get(url).content.decode()
    assert "stopped telling how far it is" in page
    assert client.post(url, choices_of(page) | {"name": "cards", "time_kind": "absolute"}).status_code == 302
    assert HistoryUpload.objects.get().stage == "queued"


def test_an_upload_is_discarded_but_not_while_it_is_imported(signed_in):
    client = signed_in("analyst")
    url = uploaded(client).url
    HistoryUpload.objects.update(stage="importing")
    assert client.post(f"{url}discard/").url == url
    assert HistoryUpload.objects.exists()
    HistoryUpload.objects.update(stage="draft")
    assert client.post(f"{url}discard/").url == "/histories/"
    assert not HistoryUpload.objects.exists()
    assert not list((home() / "uploads").glob("*"))
    deeds = AuditEvent.objects.filter(subject_kind="history_upload").order_by("pk")
    assert [deed.action for deed in deeds] == ["history.uploaded", "history.upload_discarded"]


def test_a_file_that_is_gone_is_to_be_uploaded_again(signed_in):
    client = signed_in("analyst")
    url = uploaded(client).url
    file_of(HistoryUpload.objects.get()).unlink()
    page = client.get(url, follow=True)
    assert page.redirect_chain == [("/histories/", 302)]
    assert "the uploaded file is gone; upload it again" in page.content.decode()


def test_a_history_is_deleted_by_its_written_name(signed_in, django_capture_on_commit_callbacks):
    client = signed_in("analyst")
    url = uploaded(client).url
    client.post(
        url, choices_of(client.get(url).content.decode()) | {"name": "cards", "time_kind": "absolute"}
    )
    run_import(HistoryUpload.objects.get().pk)
    history = ImportedHistory.objects.get()
    client.post(f"/histories/{history.pk}/delete/", {"name": "card"})
    assert ImportedHistory.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/histories/{history.pk}/delete/", {"name": "cards"}).url == "/histories/"
    assert not ImportedHistory.objects.exists()
    assert not (home() / history.directory).exists()


def test_auditors_read_and_do_not_import(signed_in):
    ImportedHistory.objects.create(
        name="kept", mapping={}, rows=1, positives=0, directory="kept-1",
        report={"rows": 1, "numeric": [], "categorical": {}},
    )  # fmt: skip
    client = signed_in("auditor")
    page = client.get("/histories/").content.decode()
    assert "kept" in page and "Import a CSV" not in page
    assert uploaded(client).status_code == 403
    pk = ImportedHistory.objects.get().pk
    assert client.post(f"/histories/{pk}/delete/", {"name": "kept"}).status_code == 403
    assert ImportedHistory.objects.exists() and not HistoryUpload.objects.exists()


def test_card_numbers_are_masked_in_the_preview(signed_in):
    client = signed_in("analyst")
    rows = "\n".join(["cc_num,amt,fraud", *[f"4111111111111111,{n}.5,{n % 2}" for n in range(60)]])
    page = client.get(uploaded(client, rows.encode()).url).content.decode()
    assert "411111…1111" in page
    assert "4111111111111111" not in page and "4111111111111111" not in json.dumps(
        list(HistoryUpload.objects.values_list("mapping", "reasons"))
    )


def test_a_file_of_many_columns_shows_the_ones_with_a_role(signed_in):
    client = signed_in("analyst")
    names = [f"v{n}" for n in range(1_200)]
    rows = [",".join(["amount", "fraud", *names])]
    rows += [
        ",".join([f"{n}.5", str(n % 2), *[str((n * k) % 7 + n) for k in range(1_200)]]) for n in range(12)
    ]
    url = uploaded(client, "\n".join(rows).encode()).url
    page = client.get(url).content.decode()
    assert len(choices_of(page)) == 2 and "1,200 more columns" in page
    client.post(url, choices_of(page) | {"name": "wide", "time_kind": "absolute"})
    run_import(HistoryUpload.objects.get().pk)
    assert len(ImportedHistory.objects.get().report["numeric"]) == 1_200
