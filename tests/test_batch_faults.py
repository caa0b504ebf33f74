"""Batch jobs under faults, with real processes: each event is decided once, and no progress lies.

A worker is killed in a chunk, the broker is killed, PostgreSQL is restarted, the disk is full, several
workers take the same jobs, an upload is cut off. The commands, workers and web are those of an installation.
"""

import csv
import os
import shutil
import signal
import socket
import sys
import time
import uuid

import psycopg2
import pytest

from fraudguard.embedded import addresses, postgres, valkey
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session
from tests.real_server import RealServer, started
from tests.test_deliveries import query

pytestmark = [pytest.mark.long, pytest.mark.e2e]
ROWS, CHUNK = 6_000, 500
QUEUES = ["-Q", "scoring,maintenance", "--without-gossip", "--without-mingle", "-l", "warning"]
COUNTS = "state, rows_done, rows_stored, rows_repeated, rows_failed"
STATE = f"select {COUNTS} from fraud_detection_batchjob where id = {{}}"
DECIDED = "select count(*), count(distinct external_id) from fraud_detection_assessment"
CHUNKS = """
    select count(*), sum(rows), sum(stored) from fraud_detection_jobchunk
    where job_id = {} and done_at is not null
"""
IN_A_CHUNK = """
    select count(*) from fraud_detection_jobchunk where job_id = {} and done_at is null and number >= {}
"""
SYMPTOM = "select state, error, rows_done, lost, faults from fraud_detection_batchjob"


@pytest.fixture
def house(tmp_path):
    """An installation of its own: PostgreSQL, broker, settings, a file to decide, and nothing running yet."""
    place = locate(f"test/{os.environ['FRAUDGUARD_TEST_PLACE']}/batch-{uuid.uuid4().hex[:6]}")
    session = Session(place, durable=True)
    session.open()
    environment = {
        "DATABASE_URL": addresses.database_url(place),
        "REDIS_URL": addresses.redis_url(place),
        "BATCH_DIR": str(tmp_path / "batches"),
        "BATCH_DATASETS_DIR": str(tmp_path),
        "BATCH_CHUNK_ROWS": str(CHUNK),
        "BATCH_LEASE_SECONDS": "3",
        "BATCH_FREE_MB": "10",
        "BATCH_AT_ONCE": "4",
    }
    server = RealServer(environment, tmp_path / "web.log")
    server.session, server.place, server.url, server.tmp = (
        session,
        place,
        environment["DATABASE_URL"],
        tmp_path,
    )
    server.manage("migrate", "-v0")
    server.manage("install_engines")
    write(tmp_path / "day.csv", ROWS)
    yield server
    session.close()
    for path in {place.home, place.run}:
        shutil.rmtree(path, ignore_errors=True)


def write(path, rows, start=0):
    """Payments of many senders, latest first, so that the order of the file is never that of time."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("transaction_id", "amount", "sender_id", "receiver_id", "occurred_at"))
        for n in reversed(range(start, start + rows)):
            at = f"2026-03-{1 + n // 86_400:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"
            writer.writerow((f"T-{n}", f"{n % 900 + 1}.00", f"acc-{n % 700}", f"acc-{n % 90}", at))


MAKE = """
from fraud_detection.services.jobs import start_dataset
from users.services import client_system
client = client_system("files")
job = start_dataset(name="{name}", engine="payments", priority="normal", client=client, acting="t")
print("job", job.pk)
"""


def make(house, name="day.csv"):
    return int(house.manage("shell", "-c", MAKE.format(name=name)).split("job")[-1])


def worker(house, *more):
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "fraudguard",
        "worker",
        *QUEUES,
        *(more or ("-P", "solo")),
    ]
    return started(command, house.environment, house.tmp / "worker.log")


def beat(house):
    command = [sys.executable, "-m", "celery", "-A", "fraudguard", "beat", "--pidfile=", "-l", "warning"]
    return started([*command, "-s", str(house.tmp / "beat")], house.environment, house.tmp / "beat.log")


def wait_for(house, sql, good, seconds=180):
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = query(house.url, sql)
            if good(found[0]):
                return found[0]
        except psycopg2.OperationalError:
            found = "the database is away"
        assert time.monotonic() < deadline, (found, symptom(house), log_of(house))
        time.sleep(0.02)  # asking again, not waiting for a result


def symptom(house):
    return query(house.url, SYMPTOM)


def log_of(house):
    return (house.tmp / "worker.log").read_text()[-3_000:]


def whole(house, job, rows=ROWS):
    """Wait for the end of the job; every event is decided once and every count says so."""
    state = wait_for(house, STATE.format(job), lambda row: row[0] in ("done", "failed"))
    assert state == ("done", rows, rows, 0, 0), (symptom(house), log_of(house))
    assert query(house.url, CHUNKS.format(job)) == [(-(-rows // CHUNK), rows, rows)]
    folder = query(house.url, f"select folder from fraud_detection_batchjob where id = {job}")[0][0]
    parts = sorted((house.tmp / "batches" / folder / "results").iterdir())
    lines = [line for part in parts for line in part.read_text().splitlines()]
    assert len(lines) == len({line.split(",")[1] for line in lines}) == rows
    assert {line.rpartition(",")[2] for line in lines} == {"false"}
    order = "select count(*) from (select occurred_at < lag(occurred_at) over (order by id) as late from"
    assert query(house.url, f"{order} transactions_transaction where transaction_id < 'U') o where late") == [
        (0,)
    ]


def killed_in_a_chunk(house, job, process, number):
    """kill -9 while a chunk beyond `number` is begun and not done."""
    wait_for(house, IN_A_CHUNK.format(job, number), lambda row: row[0] == 1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return query(house.url, STATE.format(job))[0]


def test_a_worker_killed_in_chunk_after_chunk(house):
    job = make(house)
    with beat(house):
        for number in (1, 4, 7):
            with worker(house) as process:
                state, done, stored, repeated, _ = killed_in_a_chunk(house, job, process, number)
                assert (state, repeated, stored) == ("running", 0, done)
                assert done % CHUNK == 0
                assert query(house.url, DECIDED)[0][0] >= done  # what the page says is committed
        with worker(house):
            whole(house, job)
    assert query(house.url, DECIDED) == [(ROWS, ROWS)]


def test_workers_that_take_the_same_jobs_and_a_broker_that_is_killed(house):
    write(house.tmp / "more.csv", 1_000, start=ROWS)
    jobs = [make(house), make(house, "more.csv")]
    with beat(house), worker(house, "-c", "2"), worker(house, "-c", "2"):
        wait_for(house, STATE.format(jobs[0]), lambda row: row[1] >= CHUNK)
        valkey._process(house.place).kill()
        house.session.restart(valkey)
        for job, rows in zip(jobs, (ROWS, 1_000), strict=True):
            state = wait_for(house, STATE.format(job), lambda row: row[0] in ("done", "failed"))
            assert state == ("done", rows, rows, 0, 0), (symptom(house), log_of(house))
    assert query(house.url, DECIDED) == [(ROWS + 1_000, ROWS + 1_000)]


def test_postgresql_is_restarted_under_a_running_job(house):
    job = make(house)
    with beat(house), worker(house):
        wait_for(house, STATE.format(job), lambda row: row[1] >= 2 * CHUNK)
        postgres.stop(house.place)
        house.session.restart(postgres)
        whole(house, job)
    assert query(house.url, DECIDED) == [(ROWS, ROWS)]


def test_a_full_disk_fails_the_job_and_resuming_it_finishes(house):
    """RLIMIT_FSIZE stands for the quota: the parts of a chunk do not fit, its decisions are made already."""
    whole_file = f"from fraud_detection.models import BatchJob as B; B.objects.update(chunk_rows={ROWS})"
    job = make(house)
    house.manage("shell", "-c", f"{whole_file}; from fraud_detection.services.jobs import do_step; do_step()")
    celery = f"{sys.executable} -m celery -A fraudguard worker {' '.join(QUEUES)} -P solo"
    with beat(house):
        limited = ["bash", "-c", f"ulimit -f 100; exec {celery}"]
        with started(limited, house.environment, house.tmp / "limited.log"):
            state = wait_for(house, STATE.format(job), lambda row: row[0] == "failed")
    assert state[1:] == (0, 0, 0, 0)
    assert "disk is full" in symptom(house)[0][1]
    assert query(house.url, DECIDED) == [(ROWS, ROWS)]
    assert "already there" in house.manage("run_job", "--resume", str(job))
    assert query(house.url, STATE.format(job)) == [("done", ROWS, ROWS, 0, 0)]
    assert query(house.url, DECIDED) == [(ROWS, ROWS)]


def test_cancel_while_a_worker_is_in_a_chunk_says_what_was_stored(house):
    job = make(house)
    cancel = (
        f"from fraud_detection.services import jobs; jobs.cancel_job(job_id={job}, acting='a@example.com')"
    )
    with beat(house), worker(house):
        wait_for(house, IN_A_CHUNK.format(job, 1), lambda row: row[0] == 1)
        house.manage("shell", "-c", cancel)
        state = wait_for(house, STATE.format(job), lambda row: row[0] not in ("queued", "running"))
    assert state[0] == "cancelled"
    assert query(house.url, DECIDED) == [(state[1], state[2])]
    assert state[1] % CHUNK == 0 and state[1] < ROWS


def test_an_upload_that_is_cut_off_leaves_nothing(house):
    key = house.manage("create_api_key", "shop", "--scope", "jobs").strip()
    house.start()
    try:
        head = (
            f"POST /api/v1/jobs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n"
            "Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 5000000\r\n\r\n"
            '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        )
        with socket.create_connection(("127.0.0.1", house.port)) as connection:
            connection.sendall(head.encode() + b"transaction_id,amount,sender_id,receiver_id\n" * 50_000)
        home, deadline = house.tmp / "batches", time.monotonic() + 30
        while list(home.glob("*")):
            assert time.monotonic() < deadline, list(home.rglob("*"))
            time.sleep(0.05)  # asking again
        assert query(house.url, "select count(*) from fraud_detection_batchjob") == [(0,)]
        assert house.call("GET", "/health").status == 200
    finally:
        house.stop()
