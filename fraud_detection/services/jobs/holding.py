"""Which job a worker takes next, that it holds it, and that the others see it does."""

import os
import socket
import threading
import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Now

from fraud_detection.models import BatchJob, JobPriority, JobState
from fraud_detection.models.jobs import WORKABLE

PICKING = 0x4A4F4253  # the advisory lock under which a job is picked, one worker at a time
WEIGHTS = {JobPriority.URGENT: 8.0, JobPriority.NORMAL: 2.0, JobPriority.LOW: 0.5}
log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The job is no longer ours: its lease ran out and another worker holds it, or it was ended."""


def silent() -> Q:
    """Whose worker said nothing for as long as a lease lasts."""
    return Q(heartbeat_at__lt=Now() - timedelta(seconds=settings.BATCH_LEASE_SECONDS))


def workable() -> Q:
    """Jobs that a worker could take up now."""
    free = Q(run__isnull=True) | silent()
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    return Q(state__in=WORKABLE) & free & due


@transaction.atomic
def pick(only: int | None = None) -> BatchJob | None:
    """Take up the job that had least worker time, weighed by priority; None when nothing may be begun.

    `only`: this job, whoever waits; for a command that carries out its own.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (PICKING,))
    in_work = BatchJob.objects.filter(~silent(), state__in=WORKABLE, run__isnull=False).count()
    if only is None and in_work >= settings.BATCH_AT_ONCE:
        return None
    waiting = BatchJob.objects.filter(workable(), **({} if only is None else {"pk": only}))
    job = waiting.order_by("turn", "id").select_related("client").first()
    if job is None:
        return None
    lost = job.run is not None
    taken = {"run": uuid.uuid4(), "worker": f"{socket.gethostname()[:80]}:{os.getpid()}"}
    taken["state"] = JobState.RUNNING if job.prepared_at else JobState.PREPARING
    if lost:
        log.warning("job_taken_over", job=job.pk, from_worker=job.worker, lost=job.lost + 1)
    BatchJob.objects.filter(pk=job.pk).update(
        **taken,
        heartbeat_at=Now(),
        not_before=None,
        lost=F("lost") + int(lost),
        started_at=job.started_at or Now(),
    )
    job.refresh_from_db()
    return job


def first_turn() -> float:
    """Where a job that comes now begins: with those that wait, not before them."""
    return BatchJob.objects.filter(state__in=WORKABLE).aggregate(least=Min("turn"))["least"] or 0.0


def cost(job: BatchJob, seconds: float) -> float:
    """What a chunk adds to a job's turn; the jobs of one client system share its part."""
    own = BatchJob.objects.filter(client=job.client_id, state__in=WORKABLE).aggregate(n=Count("id"))["n"]
    return seconds * max(own, 1) / WEIGHTS[JobPriority(job.priority)]


def held(job: BatchJob) -> Any:
    """The row of a job, as long as this worker holds it."""
    return BatchJob.objects.filter(pk=job.pk, run=job.run, state__in=WORKABLE)


def beat(job: BatchJob, **facts: Any) -> None:
    """Say that the work goes on. Raises Stopped."""
    if not held(job).update(heartbeat_at=Now(), **facts):
        raise Stopped(f"{job}")


class Heartbeat:
    """Says in a thread of its own that a chunk is in work, as long as the process lives."""

    def __init__(self, job: BatchJob) -> None:
        self.job, self.ended = job, threading.Event()
        self.thread = threading.Thread(target=self._work, name=f"heartbeat {job}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self.thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.ended.set()
        self.thread.join()

    def _work(self) -> None:
        while not self.ended.wait(settings.BATCH_LEASE_SECONDS / 3):
            try:
                held(self.job).update(heartbeat_at=Now())
            except DatabaseError as error:  # the work itself finds out
                log.warning("job_heartbeat_failed", job=self.job.pk, error=str(error))
            finally:
                connection.close()  # this thread's own
