"""A job that a command makes and carries out itself, beside the workers."""

import time
from collections.abc import Callable

from django.conf import settings

from fraud_detection.models import BatchJob, JobState
from fraud_detection.models.jobs import WORKABLE
from fraud_detection.services.jobs.working import do_step

WAIT = 0.5  # seconds, while a worker has the chunk


def carry_out(job: BatchJob, progress: Callable[[BatchJob], None]) -> BatchJob:
    """Do the steps of one job until it ends or rests; workers may do some. `progress(job)` after each."""
    while job.state in WORKABLE:
        done = do_step(only=job.pk)
        job.refresh_from_db()
        progress(job)
        if not done and job.state in WORKABLE:
            time.sleep(min(WAIT, settings.BATCH_LEASE_SECONDS))
    return job


def told_at_end(job: BatchJob) -> str:
    """One line for people."""
    if job.state == JobState.FAILED:
        return f"{job} failed after {job.rows_done:,} rows: {job.error}"
    decisions = ", ".join(f"{count:,} {name}" for name, count in sorted(job.decisions.items()))
    return (
        f"{job} {job.get_state_display().lower()}, {job.rows_done:,} of {job.rows_total or 0:,} rows:"
        f" {job.rows_stored:,} stored, {job.rows_repeated:,} already there, {job.rows_failed:,} refused;"
        f" {decisions or 'no new decisions'}"
    )
