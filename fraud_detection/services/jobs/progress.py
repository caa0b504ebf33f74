"""How far jobs are: committed rows, the rate of the last minute, what is left at that rate."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Max, Min, Sum
from django.utils import timezone

from fraud_detection.models import BatchJob, JobChunk, JobState
from logs.backlog import publish_soon

MINUTE = timedelta(seconds=60)


class Progress(NamedTuple):
    """Rates in rows a second, None before a chunk is done; `waiting`: no worker is at it right now."""

    rows_per_second: float | None
    seconds_left: float | None
    waiting: bool


def progress_of(jobs: Iterable[BatchJob], now: datetime | None = None) -> dict[int, Progress]:
    """By the id of the job. The rate of one that ended is that of all its chunks."""
    now = now or timezone.now()
    jobs = list(jobs)
    running = [job.pk for job in jobs if job.is_unfinished]
    recent = _rates(JobChunk.objects.filter(job__in=running, done_at__gt=now - MINUTE), now)
    whole = _rates(JobChunk.objects.filter(job__in=[j.pk for j in jobs if not j.is_unfinished]), None)
    return {job.pk: _progress(job, recent.get(job.pk) or whole.get(job.pk), now) for job in jobs}


def _rates(chunks: Any, now: datetime | None) -> dict[int, float]:
    """Rows a second from the beginning of the first chunk counted (a minute ago, or later) to its end."""
    found = chunks.filter(done_at__isnull=False).order_by().values("job")
    rates = {}
    for row in found.annotate(n=Sum("rows"), first=Min("begun_at"), last=Max("done_at")):
        since = max(row["first"], now - MINUTE) if now else row["first"]
        seconds = ((now or row["last"]) - since).total_seconds()
        rates[row["job"]] = row["n"] / max(seconds, 0.001)
    return rates


def _progress(job: BatchJob, rate: float | None, now: datetime) -> Progress:
    silent = timedelta(seconds=settings.BATCH_LEASE_SECONDS)
    lost = job.run is not None and (job.heartbeat_at is None or job.heartbeat_at < now - silent)
    left = None
    if job.state == JobState.RUNNING and rate and job.rows_total is not None:
        left = (job.rows_total - job.rows_done) / rate
    return Progress(rate, left, job.state == JobState.QUEUED or lost)


def told(job: BatchJob, now: datetime | None = None) -> dict[str, Any]:
    """What pages are told of a job."""
    progress = progress_of([job], now)[job.pk]
    return {
        "id": job.pk,
        "state": job.state,
        "state_words": job.get_state_display(),
        "rows_total": job.rows_total,
        "rows_done": job.rows_done,
        "rows_stored": job.rows_stored,
        "rows_repeated": job.rows_repeated,
        "rows_failed": job.rows_failed,
        "bytes_read": job.bytes_read,
        "size": job.size,
        "rows_per_second": progress.rows_per_second and round(progress.rows_per_second, 1),
        "seconds_left": progress.seconds_left and round(progress.seconds_left, 1),
        "asked": job.asked,
    }


def tell_pages(job_id: int) -> None:
    """Push a job's progress to open pages; they ask for it themselves where this does not arrive."""
    job = BatchJob.objects.filter(pk=job_id).first()
    if job is not None:
        publish_soon([("job", told(job))])
