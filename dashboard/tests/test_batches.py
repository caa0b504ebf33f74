"""The pages of batch jobs and schedules."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.live.messages import message_of
from fraud_detection.models import BatchJob, Rescoring, ScheduleRun, ScoringSchedule
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.jobs import do_step
from fraud_detection.services.schedules import run_schedule

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
CONTENT = b"transaction_id,amount,sender_id,receiver_id\nT-1,5.00,a,b\nT-2,x,a,b\nT-3,7.00,a,b\n"


@pytest.fixture(autouse=True)
def place(settings, tmp_path, approving_engine):
    settings.BATCH_DIR, settings.BATCH_DATASETS_DIR = tmp_path / "batches", tmp_path / "datasets"
    settings.BATCH_FREE_MB = 0
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "day.csv").write_bytes(CONTENT)
    return tmp_path


@pytest.fixture
def signed_in(client, person):
    def make(role="analyst"):
        client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def upload(content=CONTENT, **fields):
    return {"file": SimpleUploadedFile("<b>day</b>.csv", content), "engine": "payments", **fields}


def test_a_file_is_uploaded_watched_and_its_refused_rows_shown(signed_in):
    client = signed_in()
    answer = client.post("/batches/new/", upload())
    job = BatchJob.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/batches/{job.pk}/")
    state = client.get(f"/batches/state/?ids={job.pk},x").json()["jobs"][str(job.pk)]
    assert (state["state"], state["rows_total"], state["rows_done"]) == ("queued", None, 0)
    while do_step():
        pass
    page = client.get(f"/batches/{job.pk}/").content.decode()
    assert "&#x27;x&#x27; is not a number" in page
    assert "<b>day" not in page
    assert client.get("/batches/").status_code == 200
    results = b"".join(client.get(f"/batches/{job.pk}/results/").streaming_content)
    assert results.count(b"\n") == 3
    errors = b"".join(client.get(f"/batches/{job.pk}/errors/").streaming_content)
    assert errors == b"line,column,reason\r\n3,amount,'x' is not a number\r\n"


def test_a_data_set_is_chosen(signed_in):
    client = signed_in()
    assert b"day.csv" in client.get("/batches/new/").content
    chosen = "dataset=day.csv&engine=aml&priority=low"
    answer = client.post("/batches/new/", chosen, content_type=FORM)
    job = BatchJob.objects.get()
    assert (answer.status_code, job.engine, job.priority, job.source) == (302, "aml", "low", "dataset")


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        (upload(b"amount,colour\n1,red\n"), 422, "unknown column"),
        (upload(priority="soon"), 422, "must be one of urgent"),
        (upload(client="nobody"), 422, "is not a client system"),
        ("dataset=../x.csv", 422, "is not a file of the directory"),
    ],
)
def test_what_is_not_taken_says_why_and_nothing_stays(signed_in, place, fields, status, said):
    kind = {"content_type": FORM} if isinstance(fields, str) else {}
    answer = signed_in().post("/batches/new/", fields, **kind)
    assert (answer.status_code, said in answer.content.decode()) == (status, True)
    assert not BatchJob.objects.exists()
    assert list((place / "batches").glob("*")) == []


def test_a_form_of_another_site_is_refused_and_its_file_removed(person, place):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person("analyst"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/batches/new/", upload()).status_code == 403
    assert not BatchJob.objects.exists()
    assert list((place / "batches").glob("*")) == []


def test_buttons_of_a_job(signed_in):
    client = signed_in()
    client.post("/batches/new/", upload())
    number = BatchJob.objects.get().pk
    for what, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        client.post(f"/batches/{number}/{what}/")
        assert BatchJob.objects.get().state == state
    client.post(f"/batches/{number}/priority/", {"priority": "low"})
    assert BatchJob.objects.get().priority == "normal"  # it has ended
    assert b"cancelled already" in client.get(f"/batches/{number}/").content


def test_progress_reaches_an_open_page_as_the_newest_of_each_job():
    entries = [
        {"id": "1-0", "kind": "job", "at": "t", "data": {"id": 4, "rows_done": 10}},
        {"id": "2-0", "kind": "job", "at": "t", "data": {"id": 4, "rows_done": 20}},
    ]
    assert message_of(entries)["jobs"] == {"4": {"id": 4, "rows_done": 20}}
    assert "jobs" not in message_of([])


def test_schedules_on_their_pages(signed_in, drain, client_system):
    client = signed_in("admin")
    given = {
        "name": "Each night",
        "kind": "open_exposure",
        "cron": "0 2 * * *",
        "days": "30",
        "enabled": "on",
    }
    assert client.post("/batches/schedules/new/", given).status_code == 302
    made = ScoringSchedule.objects.get(name="Each night")
    refused = client.post("/batches/schedules/new/", given | {"name": "x", "cron": "soon"})
    assert (refused.status_code, b"is not a cron expression" in refused.content) == (422, True)
    client.post(f"/batches/schedules/{made.pk}/change/", {"version": "1", **given, "cron": "5 2 * * *"})
    stale = client.post(f"/batches/schedules/{made.pk}/change/", {"version": "1", **given})
    assert (stale.status_code, b"changed meanwhile" in stale.content) == (409, True)
    decide_payment(drain(), client=client_system)
    client.post(f"/batches/schedules/{made.pk}/run/")
    run = ScheduleRun.objects.get()
    assert run_schedule(run.pk)
    page = client.get(f"/batches/schedules/runs/{run.pk}/").content.decode()
    assert Rescoring.objects.get().assessment.external_id in page
    assert b"1 scored" in client.get("/batches/schedules/").content
    assert client.get(f"/batches/schedules/{made.pk}/").status_code == 200
    assert client.post(f"/batches/schedules/{made.pk}/delete/").status_code == 302
    assert not ScoringSchedule.objects.filter(pk=made.pk).exists()


def test_the_admin_site_manages_schedules_through_the_same_deeds(signed_in):
    client = signed_in("admin")
    given = {"name": "A", "kind": "recent", "cron": "0 4 * * *", "days": "7", "enabled": "on"}
    address = "/admin/fraud_detection/scoringschedule/"
    assert client.post(f"{address}add/", given).status_code == 302
    made = ScoringSchedule.objects.get(name="A")
    assert (made.days, made.next_run_at is not None) == (7, True)
    assert client.post(f"{address}{made.pk}/change/", given | {"cron": "x", "seen": "1"}).status_code == 200
    assert client.post(f"{address}{made.pk}/change/", given | {"days": "8", "seen": "1"}).status_code == 302
    made.refresh_from_db()
    assert (made.days, made.version) == (8, 2)
    assert client.post(f"{address}{made.pk}/change/", given | {"days": "9", "seen": "1"}).status_code == 200
    chosen = {"action": "run_at_once", "_selected_action": [made.pk]}
    client.post(address, chosen)
    assert made.runs.count() == 1
