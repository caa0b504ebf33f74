"""Card numbers in uploaded files: on disk until the file is read, masked in what the job works on."""

import gzip
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import BatchJob, JobState
from fraud_detection.services.jobs import (
    FilesGone,
    cancel_job,
    do_step,
    download,
    purge_jobs,
    resume_job,
    start_upload,
)
from logs.redacting import token_of
from transactions.models import Transaction
from users.models import ClientSystem

pytestmark = pytest.mark.django_db
VISA, AMEX, JCB, MASTER = "4539578763621486", "378282246310005", "3530111333300000", "5555555555554444"
SPACED = "4539 5787 6362 1486"
ROWS = (
    "transaction_id,amount,sender_id,receiver_id,sender_name,metadata\r\n"
    f'1,10.00,{VISA},r-1,"said ""{SPACED}"", twice",\r\n'
    f'{MASTER},11.00,s-2,r-2,Ann,"{{""card"": {JCB}, ""n"": 1}}"\r\n'
    "\r\n"
    f'3,{AMEX},s-3,r-3,"B\r\no",\r\n'
    f"4,{JCB}\r\n"
    f",12.00,{AMEX},r-5,Cy,\r\n"
    "6,13.00,s-6,r-6,0012345678901234,"
)


@pytest.fixture(autouse=True)
def place(settings, tmp_path, approving_engine):
    settings.BATCH_DIR, settings.BATCH_FREE_MB, settings.BATCH_CHUNK_ROWS = tmp_path / "batches", 0, 10
    return settings.BATCH_DIR


def started(content: bytes, name: str = "file.csv") -> BatchJob:
    client = ClientSystem.objects.get_or_create(name="files")[0]
    terms = {"engine": "payments", "priority": "normal", "acting": "tests"}
    return start_upload(filename=name, content=[content], client=client, **terms)


def on_disk(place) -> str:
    return "\n".join(path.read_bytes().decode("latin-1") for path in place.rglob("*") if path.is_file())


def told(job: BatchJob, kind: str) -> str:
    return b"".join(download(job, kind)).decode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_once_a_file_is_read_its_card_numbers_stand_nowhere_and_nothing_else_changed(place, pack):
    job = started(pack(ROWS.encode()), name=f"cards {VISA}.csv")
    assert VISA not in BatchJob.objects.get().filename
    do_step()
    kept = on_disk(place)
    assert not (place / job.folder / "upload").exists()
    for number in (VISA, SPACED, AMEX, JCB):
        assert number not in kept
    assert f"\n{MASTER},11.00" in kept, "an event's own id stays"
    assert "6,13.00,s-6,r-6,0012345678901234," in kept, "what is no card number stays"
    do_step()
    job.refresh_from_db()
    assert (job.state, job.rows_stored, job.rows_failed) == (JobState.DONE, 4, 2), told(job, "errors")
    first = Transaction.objects.get(transaction_id="1")
    assert (first.sender_name, first.sender_id) == (f'said "{token_of(VISA)}", twice', token_of(VISA))
    assert Transaction.objects.get(transaction_id=MASTER).metadata == {"card": token_of(JCB), "n": 1}
    assert [row.partition(",")[0] for row in told(job, "errors").split("\r\n")[1:-1]] == ["5", "5", "7"]
    left = on_disk(place) + told(job, "errors") + told(job, "results")
    assert not any(number in left for number in (VISA, SPACED, AMEX, JCB))


def test_a_packed_file_and_a_plain_one_name_rows_without_an_id_the_same():
    for content in (ROWS.encode(), gzip.compress(ROWS.encode())):
        job = started(content)
        while do_step():
            pass
    job.refresh_from_db()
    assert (job.rows_stored, job.rows_repeated) == (0, 4)


def test_an_upload_that_cannot_be_read_is_removed_and_cannot_be_resumed(place):
    job = started(gzip.compress(ROWS.encode() * 500)[:-20])
    do_step()
    job.refresh_from_db()
    assert (job.state, "ends early" in job.error) == (JobState.FAILED, True)
    assert not (place / job.folder).exists()
    with pytest.raises(FilesGone):
        resume_job(job_id=job.pk, acting="a@example.com")


def test_an_upload_that_was_cancelled_before_it_was_read_goes_after_a_day(place):
    job = started(ROWS.encode())
    cancel_job(job_id=job.pk, acting="a@example.com")
    now = timezone.now()
    assert purge_jobs(now + timedelta(hours=23)) == 0
    assert json.dumps(VISA).strip('"') in on_disk(place)
    assert purge_jobs(now + timedelta(hours=25)) == 1
    assert on_disk(place) == ""
