"""Workers and web on hosts of their own, and one host is cut off in the middle of a batch.

Hosts are network namespaces: each has its own address, and packets of one whose cable is pulled are lost
while every connection stays open at both ends, as when a switch fails.
"""

import csv
import io
import os
import shutil
import threading
import uuid
from contextlib import ExitStack

import pytest

from benchmarks.hosts import Network, possible, shared_services
from fraudguard.embedded.place import locate
from tests.several_hosts import Installation

pytestmark = [pytest.mark.long, pytest.mark.e2e]
JOBS, ROWS, CHUNK = 4, 3_000, 500
SETTINGS = {
    "BATCH_CHUNK_ROWS": str(CHUNK),
    "BATCH_LEASE_SECONDS": "4",
    "BATCH_FREE_MB": "10",
    "DJANGO_ALLOWED_HOSTS": "*",
}
LOCKS_OF = """
    select count(*) from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and host(a.client_addr) = %s
"""
ENDED = "select count(*) from fraud_detection_batchjob where state in ('done', 'failed', 'cancelled')"
DONE_ROWS = "select coalesce(sum(rows_done), 0) from fraud_detection_batchjob"
JOB_COUNTS = """
    select id, state, error, rows_total, rows_done, rows_stored, rows_repeated, rows_failed, chunks_done
    from fraud_detection_batchjob order by id
"""
CHUNK_COUNTS = """
    select job_id, count(*), count(distinct number), sum(rows), sum(stored) from fraud_detection_jobchunk
    where done_at is not null group by job_id order by job_id
"""
STORED = """
    select count(*), count(distinct a.external_id), count(distinct a.transaction_id)
    from fraud_detection_assessment a where a.external_id like %s
"""
FOLDERS = "select id, folder from fraud_detection_batchjob order by id"


@pytest.fixture
def hosts(tmp_path):
    """web and two workers, plugged in; the installation they share, migrated, with nothing running yet."""
    if not possible():  # asked here, not when every run collects this file
        pytest.skip("network namespaces need root and the program ip")
    place = locate(f"test/{os.environ['FRAUDGUARD_TEST_PLACE']}/hosts-{uuid.uuid4().hex[:6]}")
    more = SETTINGS | {"BATCH_DIR": str(tmp_path / "batches")}
    with Network("web", "worker1", "worker2") as network, shared_services(place) as shared:
        house = Installation(shared, more, tmp_path)
        house.manage("migrate", "-v0")
        house.manage("install_engines")
        yield house, *network
    for path in {place.home, place.run}:
        shutil.rmtree(path, ignore_errors=True)


def file_of(job):
    """Payments of senders that all jobs share, latest first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("transaction_id", "amount", "sender_id", "receiver_id", "occurred_at"))
    for n in reversed(range(ROWS)):
        at = f"2026-03-{1 + job:02d}T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"
        writer.writerow((f"J{job}-{n}", f"{n % 900 + 1}.00", f"acc-{n % 700}", f"acc-{n % 90}", at))
    return text.getvalue()


def cut_off_in_a_transaction(house, host):
    """Pull the cable while the server keeps accounts locked for the host: the worst moment."""
    for _ in range(20):
        house.wait_for(LOCKS_OF, lambda row: row[0] > 10, (host.address,))
        host.cut_off()
        if house.query(LOCKS_OF, (host.address,))[0][0] > 10:
            return
        host.connect_again()
    raise AssertionError("no transaction of the host was met")


class Payments(threading.Thread):
    """Live payments to the web host, one after the other, until told to stop."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.enough, self.answers = site, threading.Event(), []

    def run(self):
        while not self.enough.is_set():
            n = len(self.answers)
            body = {"transaction_id": f"L{n}", "amount": 10, "sender_id": f"l-{n}", "receiver_id": f"m-{n}"}
            self.answers.append(self.site.post("/api/v1/transactions/", body).status)

    def stop(self):
        self.enough.set()
        self.join(90)
        return self.answers


def test_a_worker_host_is_cut_off_in_the_middle_of_a_batch(hosts):
    house, web, one, other = hosts
    with ExitStack() as running:
        site = running.enter_context(house.web(web))
        scopes = [part for scope in ("jobs", "ingest", "read") for part in ("--scope", scope)]
        site.key = house.manage("create_api_key", "shop", "--rate-limit", "1000000", *scopes).strip()
        workers = [running.enter_context(house.worker(host)) for host in (one, other)]
        house.wait_until_ready(one, other)
        uploaded = [site.upload(f"day{job}.csv", file_of(job)) for job in range(JOBS)]
        assert [answer.status for answer in uploaded] == [202] * JOBS, uploaded
        payments = Payments(site)
        payments.start()
        house.wait_for(LOCKS_OF, lambda row: row[0] > 10, (other.address,))  # both take part
        cut_off_in_a_transaction(house, one)
        during = len(payments.answers)
        before = house.query(DONE_ROWS)[0][0]
        house.wait_for(DONE_ROWS, lambda row: row[0] > before + 2 * CHUNK)
        house.wait_for(ENDED, lambda row: row[0] == JOBS)
        assert len(payments.answers) > during
        whole(house)
        parts = written(house)
        one.connect_again()
        returned(house, site, one, workers)
        whole(house, JOBS + 1)
        assert {path: found for path, found in written(house).items() if path in parts} == parts
        answers = payments.stop()
    assert set(answers) == {201}
    assert house.query(STORED, ("L%",)) == [(len(answers),) * 3]


def whole(house, jobs=JOBS):
    """Each event is decided once, and every count says so."""
    chunks = ROWS // CHUNK
    expected = [("done", "", ROWS, ROWS, ROWS, 0, 0, chunks)] * jobs
    assert [row[1:] for row in house.query(JOB_COUNTS)] == expected, house.logs()
    assert [row[1:] for row in house.query(CHUNK_COUNTS)] == [(chunks, chunks, ROWS, ROWS)] * jobs
    assert house.query(STORED, ("J%",)) == [(jobs * ROWS,) * 3]


def written(house):
    """What each part of the results holds; none is half-written."""
    home = house.directory / "batches"
    found = {path: path.read_text() for path in home.rglob("*") if path.parent.name in ("results", "errors")}
    assert [path for path in found if path.suffix != ".csv"] == []
    for _, folder in house.query(FOLDERS):
        lines = [text for path, text in found.items() if f"{folder}/results" in str(path)]
        ids = [line.split(",")[1] for text in lines for line in text.splitlines()]
        assert len(ids) == len(set(ids)) == ROWS
    return found


def returned(house, site, host, workers):
    """The host that was away, alone now, does a job of its own to the end."""
    workers[1].terminate()
    workers[1].wait(60)
    assert site.upload("last.csv", file_of(JOBS)).status == 202
    house.wait_for(ENDED, lambda row: row[0] == JOBS + 1)
