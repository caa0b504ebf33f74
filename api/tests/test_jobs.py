"""Batch jobs through HTTP: upload, data set, progress, downloads, what is asked of one."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fraud_detection.models import Assessment, BatchJob, JobState, ScoringSchedule
from fraud_detection.services.jobs import do_step

pytestmark = pytest.mark.django_db
HEAD = "transaction_id,amount,sender_id,receiver_id,occurred_at\n"


@pytest.fixture(autouse=True)
def place(settings, tmp_path, approving_engine):
    settings.BATCH_DIR, settings.BATCH_DATASETS_DIR = tmp_path / "batches", tmp_path / "datasets"
    settings.BATCH_FREE_MB = 0
    settings.BATCH_CHUNK_ROWS = 10
    (tmp_path / "datasets").mkdir()
    return tmp_path


def content(count: int = 12) -> str:
    return HEAD + "".join(f"T-{n},{n + 1}.50,a,b,2026-03-01T10:{n:02d}:00Z\n" for n in range(count))


def upload(text: str, **fields):
    return {"file": SimpleUploadedFile("day 1.csv", text.encode(), "text/csv"), **fields}


def run() -> None:
    while do_step():
        pass


def rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_an_upload_is_decided_under_the_ids_of_its_key(as_key):
    client = as_key("jobs", "read")
    made = client.post(
        "/api/v1/jobs/", upload(content() + "bad,x,a,b,\n", priority="urgent"), format="multipart"
    )
    assert made.status_code == 202, made.content
    body = made.json()
    assert (body["state"], body["filename"], body["client"], body["priority"]) == (
        *("queued", "day 1.csv", "shop", "urgent"),
    )
    assert (body["rows_total"], body["rows_per_second"]) == (None, None)
    run()
    after = client.get(f"/api/v1/jobs/{body['id']}/").json()
    assert (after["state"], after["rows_total"], after["rows_done"]) == ("done", 13, 13)
    assert (after["rows_stored"], after["rows_failed"], after["seconds_left"]) == (12, 1, None)
    assert after["rows_per_second"] > 0
    results = rows(client.get(f"/api/v1/jobs/{body['id']}/results/"))
    assert [row[1] for row in results] == ["event_id", *(f"T-{n}" for n in range(12))]
    errors = rows(client.get(f"/api/v1/jobs/{body['id']}/errors/"))
    assert errors == [["line", "column", "reason"], ["14", "amount", "'x' is not a number"]]
    assert Assessment.objects.filter(client__name="shop").count() == 12
    listed = client.get("/api/v1/jobs/?state=done").json()["results"]
    assert [job["id"] for job in listed] == [body["id"]]


def test_a_data_set_is_named_and_nothing_outside_of_it(as_person, place):
    client = as_person("analyst")
    (place / "datasets" / "day.csv").write_text(content(3))
    assert client.get("/api/v1/jobs/datasets/").json() == {"results": [{"name": "day.csv", "size": 158}]}
    made = client.post("/api/v1/jobs/", {"dataset": "day.csv"}, format="json")
    assert (made.status_code, made.json()["client"]) == (202, "console")
    for name in ("../day.csv", "a\\ud800.csv", "a\\u0000.csv"):
        refused = client.post("/api/v1/jobs/", f'{{"dataset": "{name}"}}', content_type="application/json")
        assert (refused.status_code, BatchJob.objects.count()) == (422, 1), name


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"engine": "dreams"}, 422, "/engine"),
        ({"priority": "soon"}, 422, "/priority"),
        ({"client": "nobody"}, 422, "/client"),
        ({"colour": "red"}, 422, "/colour"),
    ],
)
def test_wrong_fields_are_named_and_nothing_stays(as_person, place, fields, status, pointer):
    answer = as_person("analyst").post("/api/v1/jobs/", upload(content(), **fields), format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert not BatchJob.objects.exists()
    assert list((place / "batches").iterdir()) == []


def test_a_wrong_file_and_a_missing_one_are_refused(as_person, place):
    client = as_person("analyst")
    answer = client.post("/api/v1/jobs/", upload("amount,colour\n1,red\n"), format="multipart")
    assert (answer.status_code, "colour" in answer.json()["detail"]) == (422, True)
    answer = client.post("/api/v1/jobs/", {"engine": "payments"}, format="multipart")
    assert (answer.status_code, "no part named file" in answer.json()["detail"]) == (422, True)
    assert list((place / "batches").glob("*")) == []


def test_too_large_and_no_room_are_said_before_the_body_is_read(as_person, settings, place):
    client = as_person("analyst")
    settings.BATCH_FREE_MB = 10_000_000
    assert client.post("/api/v1/jobs/", upload(content()), format="multipart").status_code == 507
    settings.BATCH_FREE_MB, settings.BATCH_UPLOAD_MB = 0, 1
    assert (
        client.post("/api/v1/jobs/", upload("x" * (1 << 20) + "y" * 100_000), format="multipart").status_code
        == 413
    )
    assert list((place / "batches").glob("*")) == []


def test_what_is_asked_of_a_job(as_person):
    client = as_person("analyst")
    number = client.post("/api/v1/jobs/", upload(content(25)), format="multipart").json()["id"]
    do_step()
    do_step()
    assert client.post(f"/api/v1/jobs/{number}/pause/").json()["state"] == "paused"
    assert client.post(f"/api/v1/jobs/{number}/resume/").json()["state"] == "queued"
    low = client.post(f"/api/v1/jobs/{number}/priority/", {"priority": "low"}, format="json")
    assert low.json()["priority"] == "low"
    cancelled = client.post(f"/api/v1/jobs/{number}/cancel/").json()
    assert (cancelled["state"], cancelled["rows_stored"]) == ("cancelled", 10)
    assert client.post(f"/api/v1/jobs/{number}/cancel/").status_code == 409
    BatchJob.objects.update(files_removed_at="2026-05-01T00:00Z")
    assert client.get(f"/api/v1/jobs/{number}/results/").status_code == 410
    assert client.post(f"/api/v1/jobs/{number}/resume/").status_code == 410
    assert BatchJob.objects.get().state == JobState.CANCELLED
    assert client.get("/api/v1/jobs/999999/").status_code == 404


def test_a_job_under_an_idempotency_key_is_made_once(as_person):
    client = as_person("analyst")
    first = client.post(
        "/api/v1/jobs/", upload(content()), format="multipart", headers={"Idempotency-Key": "k1"}
    )
    again = client.post(
        "/api/v1/jobs/", upload(content()), format="multipart", headers={"Idempotency-Key": "k1"}
    )
    assert (first.status_code, again.status_code) == (202, 202), again.content
    assert first.json()["id"] == again.json()["id"]
    assert BatchJob.objects.count() == 1


def test_schedules_are_made_changed_run_and_deleted(as_person):
    client = as_person("admin")
    given = {"name": "Nightly", "kind": "open_exposure", "cron": "30 2 * * *"}
    made = client.post("/api/v1/schedules/", given, format="json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/schedules/{made.json()['id']}/"
    assert made.json()["next_run_at"] is not None
    for wrong, field in (({"cron": "soon"}, "cron"), ({"days": 0}, "days"), ({"name": "Nightly"}, "name")):
        body = given | {"name": "Another"} | wrong
        refused = client.post("/api/v1/schedules/", body, format="json")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    off = client.patch(address, {"version": 1, "enabled": False}, format="json")
    assert (off.json()["enabled"], off.json()["next_run_at"], off.json()["version"]) == (False, None, 2)
    assert client.patch(address, {"version": 1, "enabled": True}, format="json").status_code == 409
    run_one = client.post(f"{address}run/")
    assert (run_one.status_code, run_one.json()["state"]) == (202, "queued")
    assert client.post(f"{address}run/").status_code == 409
    assert client.delete(address).status_code == 409
    ScoringSchedule.objects.get(name="Nightly").runs.update(state="done")
    assert client.get(f"{address}runs/").json()["results"][0]["id"] == run_one.json()["id"]
    assert client.get(f"/api/v1/schedules/runs/{run_one.json()['id']}/rescorings/").json()["results"] == []
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
