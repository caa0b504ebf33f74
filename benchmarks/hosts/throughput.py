"""Batch jobs on one worker host and on two, which share one PostgreSQL and one Valkey over a network."""

import csv
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen

import psutil
from django.conf import settings
from django.db.models import Max, Min

from benchmarks import batch, engine, house, store
from benchmarks.hosts.network import Host
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from benchmarks.usage import postmaster, tree_clock
from fraud_detection.models import BatchJob, JobChunk
from fraud_detection.services.jobs import start_dataset
from fraudguard.embedded.place import BASE_DIR
from users.services import client_system

JOBS, WARM_ROWS = 4, 1_000
START_SECONDS, JOB_SECONDS = 120, 1_800
WORKER = [sys.executable, "-m", "celery", "-A", "fraudguard", "worker", "-Q", "scoring", "-c", "1"]
WORKER += ["--without-gossip", "--without-mingle", "-l", "info"]


def rows(place, hosts: list[Host], *, events: int, count: int) -> Iterator[Row]:
    """The same number of rows, in JOBS jobs at once, on the first host alone and on all of them."""
    population = Population()
    engine.prepare(house.progress)
    store.fill(population, events, house.progress)
    traffic = Traffic(population)
    for apart in (False, True):
        alone = None
        for number in (1, len(hosts)):
            with ExitStack() as running:
                workers = [running.enter_context(_worker(place, host)) for host in hosts[:number]]
                _done(_jobs(traffic, 2 * number, WARM_ROWS, apart))
                found = _measured(place, workers, (traffic, JOBS, count // JOBS, apart))
            alone = alone or found["per_s"]
            what = f"{number} host{'s' if number > 1 else ''}, accounts {'apart' if apart else 'shared'}"
            yield {"what": what, **found} | {"times": found["per_s"] / alone}


def _measured(place, workers: list[Popen], wanted: tuple) -> Row:
    """Rows a second from the first chunk begun to the last one done, and who used the processors."""
    cores = os.cpu_count() or 1
    database, python = tree_clock(postmaster(place.postgres)), [tree_clock(one.pid) for one in workers]
    before = database(), sum(clock() for clock in python), psutil.cpu_times(), time.monotonic()
    jobs = _jobs(*wanted)
    _done(jobs)
    spent, idle = time.monotonic() - before[3], psutil.cpu_times().idle - before[2].idle
    chunks = JobChunk.objects.filter(job__in=jobs)
    span = chunks.aggregate(first=Min("begun_at"), last=Max("done_at"))
    stored = sum(job.rows_stored for job in BatchJob.objects.filter(pk__in=jobs))
    own, server = sum(clock() for clock in python) - before[1], database() - before[0]
    return {
        "rows": stored,
        "per_s": stored / (span["last"] - span["first"]).total_seconds(),
        "python_cpu_us": 1e6 * own / stored,
        "pg_cpu_us": 1e6 * server / stored,
        "cores_of_ours": (own + server) / spent,
        "cores_of_others": max(cores - (own + server + idle) / spent, 0.0),
        "cores_idle": idle / spent,
    }


def _jobs(traffic: Traffic, number: int, count: int, apart: bool) -> list[int]:
    """Files of `count` rows each, and a job for each; `apart`: no two files name the same account."""
    made, client = [], client_system(f"hosts {time.time_ns()}")
    for _ in range(number):
        file = Path(settings.BATCH_DATASETS_DIR) / f"{time.time_ns()}.csv"
        records = [row.record for row in batch._chunk(traffic, count)]
        if apart:
            records = [_renamed(record, file.stem) for record in records]
        with file.open("w", newline="") as output:
            writer = csv.DictWriter(output, list(records[0]))
            writer.writeheader()
            writer.writerows(records)
        made.append(file.name)
    return [
        start_dataset(name=name, engine="payments", priority="normal", client=client, acting="benchmarks").pk
        for name in made
    ]


def _renamed(record: dict[str, str], mark: str) -> dict[str, str]:
    """Shops stay: they are not locked, and all customers share them."""
    own = ["sender_id", "card_token", "device_id", *(() if record.get("merchant_id") else ("receiver_id",))]
    return record | {name: f"{mark}-{record[name]}" for name in own}


def _done(jobs: list[int]) -> None:
    deadline = time.monotonic() + JOB_SECONDS
    while unfinished := [job for job in BatchJob.objects.filter(pk__in=jobs) if job.state != "done"]:
        if time.monotonic() > deadline or any(job.state == "failed" for job in unfinished):
            raise SystemExit(f"jobs did not end: {[(job.pk, job.state, job.error) for job in unfinished]}")
        time.sleep(0.05)


@contextmanager
def _worker(place, host: Host) -> Iterator[Popen]:
    log = place.log / f"{host.namespace}.log"
    log.write_bytes(b"")
    with log.open("ab") as output:
        command = [*WORKER, "-n", f"{host.namespace}@%h"]
        process = host.start(command, environment=os.environ, cwd=BASE_DIR, output=output)
    try:
        deadline = time.monotonic() + START_SECONDS
        while " ready." not in log.read_text():
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"no worker on {host.namespace}; log: {log}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(60)
