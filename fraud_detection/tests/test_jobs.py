"""Batch jobs: order of time, equality with single decisions, counts, errors, reruns."""

import csv
import gzip
import io
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts.models import Alert, OutboxMessage, SystemAlert
from fraud_detection.models import Assessment, BatchJob, JobChunk, JobState
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.jobs import (
    ERRORS,
    RESULTS,
    FilesGone,
    JobConflict,
    JobRefused,
    JobTooLarge,
    NoRoom,
    TooManyJobs,
    cancel_job,
    do_step,
    download,
    pause_job,
    prioritise_job,
    purge_jobs,
    resume_job,
    start_dataset,
    start_upload,
)
from fraud_detection.services.jobs.chunking import do_chunk
from fraud_detection.services.jobs.holding import Stopped, pick
from fraud_detection.services.jobs.places import folder_of
from fraud_detection.services.sources import decide_event
from logs.models import AuditEvent
from transactions.models import Transaction
from users.models import ClientSystem

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
COLUMNS = (
    *("transaction_id", "amount", "sender_id", "receiver_id", "occurred_at", "type", "currency"),
    *("device_id", "country", "sender_balance_before", "sender_balance_after"),
)


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.BATCH_DIR = tmp_path / "batches"
    settings.BATCH_DATASETS_DIR = tmp_path / "datasets"
    settings.BATCH_FREE_MB = 0
    (tmp_path / "datasets").mkdir()
    return tmp_path


def payments(count: int, seed: int = 1) -> list[dict[str, str]]:
    """Payments in order of time, a minute apart, of five senders; every ninth empties an account."""
    chance = random.Random(seed)
    rows = []
    for n in range(count):
        emptied = n % 9 == 8
        amount = f"{chance.randint(100, 900_000) / 100:.2f}"
        rows.append(
            {
                "transaction_id": f"T-{n:05d}",
                "amount": amount,
                "sender_id": f"acc-{chance.randint(1, 5)}",
                "receiver_id": f"acc-{chance.randint(10, 14)}",
                "occurred_at": (START + timedelta(minutes=n)).isoformat(),
                "type": "transfer",
                "currency": "USD",
                "device_id": f"d-{chance.randint(1, 3)}",
                "country": chance.choice(("US", "DE")),
                "sender_balance_before": amount if emptied else "",
                "sender_balance_after": "0.00" if emptied else "",
            }
        )
    return rows


def as_csv(rows: list[dict[str, str]], columns=COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def started(content: bytes, name: str = "file.csv", **changes) -> BatchJob:
    terms = {"engine": "payments", "priority": "normal", "acting": "tests"} | changes
    client = ClientSystem.objects.get_or_create(name=terms.pop("client", "files"))[0]
    return start_upload(filename=name, content=[content], client=client, **terms)


def finished(job: BatchJob) -> BatchJob:
    while do_step():
        pass
    job.refresh_from_db()
    return job


def lines(job: BatchJob, kind: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(download(job, kind)).decode())))


def said(client: str) -> list[tuple]:
    """What was decided and why, features included, by the event."""
    found = Assessment.objects.filter(client__name=client).order_by("external_id")
    return [
        (a.external_id, a.decision, a.risk_score, a.risk_level, bytes(a.features), a.texts, a.reasons)
        for a in found
    ]


def alerted() -> list[tuple]:
    kept = (
        "engine",
        "family",
        "subject_kind",
        "subject",
        "severity",
        "hit_count",
        "risk_score",
        "amount_minor",
    )
    return sorted(Alert.objects.values_list(*kept))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("packed", [False, True])
def test_a_shuffled_file_decides_as_single_events_in_order_of_time(approving_engine, settings, packed):
    settings.BATCH_CHUNK_ROWS = 40
    rows = payments(130)
    client = ClientSystem.objects.create(name="one-by-one")
    for row in rows:
        decide_payment({k: v for k, v in row.items() if v}, client=client)
    wanted, raised = said("one-by-one"), alerted()
    assert len(raised) > 0
    _empty()
    shuffled = random.Random(7).sample(rows, len(rows))
    content = as_csv(shuffled)
    job = finished(started(gzip.compress(content) if packed else content, client="one-by-one"))
    assert (job.state, job.rows_total, job.rows_stored, job.rows_failed) == (JobState.DONE, 130, 130, 0)
    assert job.rows_late > 0
    assert said("one-by-one") == wanted
    assert alerted() == raised
    ids = Transaction.objects.order_by("id").values_list("transaction_id", flat=True)
    assert list(ids) == [row["transaction_id"] for row in rows]


def _empty() -> None:
    from django.db import connection

    kept = ("transactions_fxrate",)
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith("transactions_") and table not in kept
    ]
    with connection.cursor() as cursor:
        names = ", ".join([*tables, "fraud_detection_assessment", "alerts_alert", "users_customer"])
        cursor.execute(f"truncate {names} cascade")


@pytest.mark.django_db
class TestOneJob:
    """Counts, errors and reruns of small files."""

    @pytest.fixture(autouse=True)
    def small_chunks(self, approving_engine, settings):
        settings.BATCH_CHUNK_ROWS = 10

    def test_refused_rows_are_named_by_line_column_and_reason(self):
        rows = payments(12)
        rows[3]["amount"] = "abc"
        content = as_csv(rows).replace(b"T-00005,", b"T-0\xff005,") + b"one,two\r\n=cmd(),1\r\n"
        job = finished(started(content))
        assert (job.state, job.rows_total, job.rows_stored, job.rows_failed) == ("done", 14, 10, 4)
        assert lines(job, ERRORS) == [
            ["line", "column", "reason"],
            ["5", "amount", "'abc' is not a number"],
            ["7", "", "is not UTF-8 text (invalid start byte at byte 4)"],
            ["14", "", "has 2 values where the header names 11 columns"],
            ["15", "", "has 2 values where the header names 11 columns"],
        ]
        results = lines(job, RESULTS)
        assert [row[1] for row in results[1:]] == [f"T-{n:05d}" for n in range(12) if n not in (3, 5)]
        assert {row[6] for row in results[1:]} == {"false"}
        assert sum(job.decisions.values()) == 10

    def test_a_file_again_adds_nothing_and_repeats_are_counted_apart(self):
        content = as_csv(payments(25))
        first, again = finished(started(content)), finished(started(content))
        assert (first.rows_stored, first.rows_repeated) == (25, 0)
        assert (again.rows_stored, again.rows_repeated, again.decisions) == (0, 25, {})
        assert [row[:6] for row in lines(again, RESULTS)] == [row[:6] for row in lines(first, RESULTS)]
        assert {row[6] for row in lines(again, RESULTS)[1:]} == {"true"}
        assert Assessment.objects.count() == 25

    def test_a_row_twice_in_a_file_is_stored_once(self):
        rows = payments(15)
        job = finished(started(as_csv([*rows, rows[2], rows[14]])))
        assert (job.rows_total, job.rows_stored, job.rows_repeated) == (17, 15, 2)

    def test_a_chunk_that_was_decided_before_its_worker_died_counts_once(self, monkeypatch):
        from fraud_detection.services.jobs import chunking

        job = started(as_csv(payments(20)))
        assert do_step()
        assert do_step()

        def dies(*args):
            raise KeyboardInterrupt

        with monkeypatch.context() as killed:
            killed.setattr(chunking, "write_parts", dies)
            with pytest.raises(KeyboardInterrupt):
                do_step()
        assert Assessment.objects.count() == 20
        job.refresh_from_db()
        assert (job.rows_done, job.run is None) == (10, False)
        assert not do_step()  # its lease still runs
        BatchJob.objects.update(heartbeat_at=datetime(2026, 1, 1, tzinfo=UTC))
        job = finished(job)
        assert (job.state, job.rows_stored, job.rows_repeated, job.rows_done) == ("done", 20, 0, 20)
        assert len(lines(job, RESULTS)) == 21
        assert list(JobChunk.objects.values_list("number", "rows", "stored", "begun")) == [
            (0, 10, 10, 1),
            (1, 10, 10, 2),
        ]

    def test_rows_that_another_job_decides_at_the_same_time_count_there_only(self, monkeypatch):
        """The same file twice at once: both jobs end, and what they say they stored is what is stored."""
        from fraud_detection.services.jobs import chunking

        job, original = started(as_csv(payments(10))), chunking.decide_rows

        def both(*given, **named):
            original(*given, **named)  # the other job's, between our look at the newest and our decisions
            return original(*given, **named)

        with monkeypatch.context() as together:
            together.setattr(chunking, "decide_rows", both)
            job = finished(job)
        assert (job.state, job.rows_stored, job.rows_repeated, job.decisions) == ("done", 0, 10, {})

    def test_a_worker_that_lost_its_job_writes_no_part_and_no_count(self):
        job = started(as_csv(payments(20)))
        assert do_step()
        away = pick()
        BatchJob.objects.update(heartbeat_at=datetime(2026, 1, 1, tzinfo=UTC))
        heir = pick()
        with pytest.raises(Stopped):
            do_chunk(away)
        parts = folder_of(job) / RESULTS
        assert list(parts.iterdir()) == []
        do_chunk(heir)
        written = {path.name: path.read_bytes() for path in parts.iterdir()}
        with pytest.raises(Stopped):
            do_chunk(away)
        assert {path.name: path.read_bytes() for path in parts.iterdir()} == written
        job = finished(job)
        assert (job.state, job.rows_stored, job.rows_repeated, job.lost) == ("done", 20, 0, 0)
        assert list(JobChunk.objects.values_list("number", "rows", "stored")) == [(0, 10, 10), (1, 10, 10)]

    def test_a_file_without_ids_names_its_rows_the_same_way_again(self):
        rows = [dict(row, transaction_id="") for row in payments(6)]
        content = as_csv([*rows, rows[0], rows[0]])
        first, again = finished(started(content)), finished(started(content))
        assert (first.rows_stored, again.rows_stored, again.rows_repeated) == (8, 0, 8)
        names = Transaction.objects.values_list("transaction_id", flat=True)
        assert sorted(name.rpartition("-")[2] for name in names) == ["1"] * 6 + ["2", "3"]

    def test_paysim_names_are_ordered_by_their_step(self):
        head = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest"
        body = "".join(f"{9 - n},PAYMENT,{n + 1}.00,C1,100,50,M{n},0,0\n" for n in range(9))
        job = finished(
            started(f"{head},isFraud,isFlaggedFraud\n".encode() + body.replace("\n", ",0,0\n").encode())
        )
        assert (job.rows_stored, job.rows_late) == (9, 8)
        paid = Transaction.objects.order_by("id").values_list("amount", flat=True)
        assert [int(amount) for amount in paid] == list(range(9, 0, -1))

    def test_the_end_is_told_once_and_written_down(self):
        job = finished(started(as_csv(payments(3))))
        told = OutboxMessage.objects.get(topic="job.finished").payload
        assert told | {"at": ""} == {
            "job_id": job.pk, "kind": "batch", "engine": "payments", "state": "done",
            "rows_total": 3, "rows_done": 3, "rows_failed": 0, "at": "",
        }  # fmt: skip
        deeds = AuditEvent.objects.filter(subject_kind="job", subject=str(job.pk)).order_by("id")
        assert list(deeds.values_list("action", flat=True)) == ["job.created", "job.finished"]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "line 1: no known column"),
            (b"amount,sender_id,receiver_id,colour\n1,a,b,red\n", "unknown column 'colour'"),
            (b"amount,sender_id\n1,a\n", "required column receiver_id missing"),
            (b"\xff\xfea\x00", "UTF-16"),
        ],
    )
    def test_a_wrong_header_is_refused_at_once_and_nothing_stays(self, place, content, problem):
        with pytest.raises(FileRefused, match=problem):
            started(content)
        assert not BatchJob.objects.exists()
        assert list((place / "batches").iterdir()) == []

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (gzip.compress(as_csv(payments(400)))[:-30], "ends early"),
            (as_csv([]), "there are no data rows"),
        ],
    )
    def test_a_file_that_cannot_be_read_fails_with_the_reason_and_people_are_told(self, content, problem):
        job = finished(started(content))
        assert (job.state, job.rows_done) == (JobState.FAILED, 0)
        assert problem in job.error
        alert = SystemAlert.objects.get(kind="batch_job")
        assert (alert.subject, alert.cleared_at) == (str(job), None)
        finished(started(as_csv(payments(1))))
        alert.refresh_from_db()
        assert alert.cleared_at is not None

    def test_an_upload_above_the_limit_is_removed(self, settings, place):
        settings.BATCH_UPLOAD_MB = 1
        with pytest.raises(JobTooLarge, match="BATCH_UPLOAD_MB"):
            started(b"x" * (1 << 20) + b"y")
        assert list((place / "batches").iterdir()) == []

    def test_a_gzip_bomb_ends_at_the_limit(self, settings, place):
        settings.BATCH_UNPACKED_MB = 1
        job = finished(started(gzip.compress(as_csv(payments(1)) + b"\n" * (3 << 20))))
        assert (job.state, "BATCH_UNPACKED_MB" in job.error) == (JobState.FAILED, True)
        assert not (place / "batches" / job.folder).exists()

    def test_no_room_is_said_before_anything_is_written(self, settings, place):
        settings.BATCH_FREE_MB = 10_000_000
        with pytest.raises(NoRoom, match="make room"):
            started(as_csv(payments(1)))
        assert list((place / "batches").iterdir()) == []

    def test_cancel_pause_and_resume_between_chunks(self):
        job = started(as_csv(payments(25)))
        do_step()
        do_step()
        assert pause_job(job_id=job.pk, acting="a@example.com").state == JobState.PAUSED
        assert not do_step()
        resume_job(job_id=job.pk, acting="a@example.com")
        do_step()
        cancelled = cancel_job(job_id=job.pk, acting="a@example.com")
        assert (cancelled.state, cancelled.rows_done, cancelled.rows_stored) == (JobState.CANCELLED, 20, 20)
        assert not do_step()
        with pytest.raises(JobConflict, match="cancelled already"):
            cancel_job(job_id=job.pk, acting="a@example.com")
        resume_job(job_id=job.pk, acting="a@example.com")
        job = finished(job)
        assert (job.state, job.rows_stored, job.rows_repeated) == (JobState.DONE, 25, 0)

    def test_cancel_while_a_chunk_is_in_work_waits_for_its_end(self, monkeypatch):
        from fraud_detection.services.jobs import chunking

        job, plain = started(as_csv(payments(25))), chunking.write_parts
        do_step()

        def cancelled_meanwhile(*args):
            assert cancel_job(job_id=job.pk, acting="a@example.com").state == JobState.RUNNING
            plain(*args)

        monkeypatch.setattr(chunking, "write_parts", cancelled_meanwhile)
        do_step()
        job.refresh_from_db()
        assert (job.state, job.rows_done, job.asked) == (JobState.CANCELLED, 10, "")
        assert Assessment.objects.count() == 10

    def test_old_files_go_and_the_row_stays(self, place):
        job = finished(started(as_csv(payments(3))))
        now = job.ended_at + timedelta(days=30)
        assert purge_jobs(now) == 0
        assert purge_jobs(now + timedelta(seconds=1)) == 1
        job.refresh_from_db()
        assert not (place / "batches" / job.folder).exists()
        assert job.rows_stored == 3
        with pytest.raises(FilesGone, match="removed"):
            download(job, RESULTS)

    def test_a_small_urgent_job_does_not_wait_for_a_large_one(self):
        large = started(as_csv(payments(200)), client="bulk")
        for _ in range(6):
            do_step()
        small = started(as_csv([dict(row, transaction_id=f"S{n}") for n, row in enumerate(payments(20))]))
        steps = 0
        while BatchJob.objects.get(pk=small.pk).state != JobState.DONE:
            assert do_step()
            steps += 1
        assert steps <= 8
        assert BatchJob.objects.get(pk=large.pk).rows_done < 200
        assert prioritise_job(job_id=large.pk, priority="low", acting="a@example.com").priority == "low"
        with pytest.raises(JobRefused):
            prioritise_job(job_id=large.pk, priority="soon", acting="a@example.com")

    def test_a_client_system_has_so_many_unfinished_jobs(self, settings):
        settings.BATCH_JOBS_PER_CLIENT = 1
        started(as_csv(payments(1)))
        with pytest.raises(TooManyJobs, match="BATCH_JOBS_PER_CLIENT"):
            started(as_csv(payments(1)))
        started(as_csv(payments(1)), client="another")

    @pytest.mark.parametrize(
        "name", ["../secret.csv", "/etc/passwd", "link.csv", "none.csv", "a\x00.csv", ""]
    )
    def test_only_files_of_the_directory_are_data_sets(self, place, name):
        (place / "secret.csv").write_bytes(as_csv(payments(1)))
        (place / "datasets" / "link.csv").symlink_to(place / "secret.csv")
        client = ClientSystem.objects.get_or_create(name="files")[0]
        with pytest.raises(JobRefused, match="directory of data sets"):
            start_dataset(name=name, engine="payments", priority="normal", client=client, acting="t")

    def test_a_data_set_that_is_changed_meanwhile_fails_the_job(self, place):
        path = place / "datasets" / "day.csv"
        path.write_bytes(as_csv(payments(15)))
        client = ClientSystem.objects.get_or_create(name="files")[0]
        job = start_dataset(name="day.csv", engine="payments", priority="low", client=client, acting="t")
        do_step()
        do_step()
        path.write_bytes(as_csv(payments(14)))
        job = finished(job)
        assert (job.state, job.rows_done) == (JobState.FAILED, 10)
        assert "was changed" in job.error
        assert path.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("engine", ["credit", "insurance", "market", "aml"])
def test_every_kind_of_file_decides_as_single_events_in_order_of_time(
    engine, payments_engine, settings, tmp_path
):
    settings.BATCH_CHUNK_ROWS = 100
    columns, rows = EVENTS[engine]
    client = ClientSystem.objects.create(name="one-by-one")
    for row in rows:
        record = {k: v for k, v in row.items() if v}
        if engine == "aml":
            decide_payment(record, client=client, engine="aml")
        else:
            decide_event(engine, record, client=client)
    wanted, raised = said("one-by-one"), alerted()
    _empty()
    job = finished(started(as_csv(list(reversed(rows)), columns), engine=engine, client="one-by-one"))
    assert (job.state, job.error, job.rows_stored) == (JobState.DONE, "", len(rows))
    assert said("one-by-one") == wanted
    assert alerted() == raised


def _credit() -> tuple:
    columns = ("application_id", "applicant_id", "monthly_income", "employment_length", "device_id", "phone")
    columns = (*columns, "occurred_at")
    rows = [
        {
            "application_id": f"A-{n:02d}",
            "applicant_id": f"p-{n % 5}",
            "monthly_income": str(1_000 + n),
            "employment_length": "12",
            "device_id": "d-1",
            "phone": f"+1555{n % 3}",
            "occurred_at": (START + timedelta(hours=n)).isoformat(),
        }
        for n in range(24)
    ]
    return columns, rows


def _insurance() -> tuple:
    columns = (
        "claim_id",
        "policy_id",
        "claim_amount",
        "estimated_value",
        "reported_at",
        "phone",
        "provider_id",
    )
    rows = [
        {
            "claim_id": f"C-{n:02d}",
            "policy_id": f"pol-{n % 4}",
            "claim_amount": str(900 + 10 * n),
            "estimated_value": "1000",
            "reported_at": (START + timedelta(hours=n)).isoformat(),
            "phone": f"+1555{n % 2}",
            "provider_id": "garage",
        }
        for n in range(24)
    ]
    return columns, rows


def _market() -> tuple:
    columns = ("event_id", "event", "symbol", "trader_id", "side", "price", "volume", "occurred_at")
    rows = [
        {
            "event_id": f"E-{n:02d}",
            "event": "order",
            "symbol": "ACME",
            "trader_id": f"t-{n % 3}",
            "side": "buy" if n % 2 else "sell",
            "price": "10.00",
            "volume": str(100 + n),
            "occurred_at": (START + timedelta(seconds=n)).isoformat(),
        }
        for n in range(24)
    ]
    return columns, rows


EVENTS = {"credit": _credit(), "insurance": _insurance(), "market": _market(), "aml": (COLUMNS, payments(24))}


class TestIndex:
    """The order of rows without a database."""

    def table(self, moments, digests=None):
        from fraud_detection.services.jobs.scanning import FOUND

        found = np.zeros(len(moments), FOUND)
        found["moment"], found["line"] = moments, np.arange(len(moments)) + 2
        found["digest"] = 0 if digests is None else digests
        return found

    @pytest.mark.parametrize("at_once", [1_000_000, 50])
    def test_ties_keep_their_order_whatever_fits_in_memory(self, tmp_path, monkeypatch, at_once):
        from fraud_detection.services.jobs import ordering

        monkeypatch.setattr(ordering, "AT_ONCE", at_once)
        monkeypatch.setattr(ordering, "BLOCK", 37)
        chance = np.random.default_rng(3)
        moments = chance.choice([5, 5, 7, (1 << 63) - 1, *range(100)], 1_000)
        digests = chance.integers(0, 40, 1_000).astype(np.uint64)
        found = self.table(moments, digests)
        ordered = ordering.build_index([found[:400], found[400:]], tmp_path / "index")
        index = np.fromfile(tmp_path / "index", ordering.INDEX)
        wanted = np.argsort(moments, kind="stable")
        assert ordered.rows == 1_000
        assert index["line"].tolist() == (wanted + 2).tolist()
        seen: dict[int, int] = {}
        numbers = []
        for digest in digests.tolist():
            seen[digest] = seen.get(digest, 0) + 1
            numbers.append(seen[digest] if digest else 0)
        assert index["occurrence"].tolist() == [numbers[place] for place in wanted]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["datasets", "index"]
