"""Letting a job go after a step, and ending it: what stands then, and who is told."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services.system import clear_system_alert, raise_system_alert
from fraud_detection.models import BatchJob, JobAsk, JobState
from fraud_detection.services.jobs.holding import Stopped, held
from fraud_detection.services.jobs.preparing import clear_source
from fraud_detection.services.jobs.progress import tell_pages
from logs.services import record

TOPIC = "job.finished"
ALERT = "batch_job"
FREE: dict[str, Any] = {"run": None, "heartbeat_at": None, "worker": ""}


def go_on(job: BatchJob) -> None:
    """After a step, in its transaction: do what was asked meanwhile, end after the last chunk, or let go."""
    now = BatchJob.objects.select_for_update().get(pk=job.pk)
    if now.rows_total is not None and now.rows_done >= now.rows_total:
        end(now, JobState.DONE)
    elif now.asked == JobAsk.CANCEL:
        end(now, JobState.CANCELLED)
    elif now.asked == JobAsk.PAUSE:
        held(job).update(**FREE, state=JobState.PAUSED, asked=JobAsk.NOTHING)
        _note("job.paused", now, now.created_by, {"rows_done": now.rows_done})
    elif not held(job).update(**FREE):
        raise Stopped(f"{job}")
    transaction.on_commit(lambda: tell_pages(job.pk))


def end(job: BatchJob, state: JobState, error: str = "") -> None:
    """Write the end down, for good unless it is resumed; call it in a transaction that holds the row."""
    at = timezone.now()
    BatchJob.objects.filter(pk=job.pk).update(
        **FREE, state=state, asked=JobAsk.NOTHING, ended_at=Now(), error=error[:2_000].replace("\x00", "")
    )
    payload = {
        "job_id": job.pk,
        "kind": "batch",
        "engine": job.engine,
        "state": state.value,
        "rows_total": job.rows_total or 0,
        "rows_done": job.rows_done,
        "rows_failed": job.rows_failed,
        "at": at.isoformat(),
    }
    OutboxMessage.objects.create(topic=TOPIC, payload=payload)
    counts = ("rows_total", "rows_done", "rows_stored", "rows_repeated", "rows_failed")
    action = "job.failed" if state == JobState.FAILED else f"job.{'finished' if state == 'done' else state}"
    _note(action, job, job.created_by, {name: getattr(job, name) for name in counts})
    _watch(job, state, error, at)
    if state == JobState.DONE:
        transaction.on_commit(lambda: clear_source(job))
    transaction.on_commit(lambda: tell_pages(job.pk))


def _watch(job: BatchJob, state: JobState, error: str, at: Any) -> None:
    if state == JobState.FAILED:
        raise_system_alert(
            engine=job.engine,
            kind=ALERT,
            subject=str(job),
            severity="medium",
            message=f"Batch job {job} failed after {job.rows_done:,} rows: {error}"[:500],
            at=at,
        )
    elif state == JobState.DONE:
        clear_system_alert(engine=job.engine, kind=ALERT, message=f"{job} came to its end", at=at)


def _note(action: str, job: BatchJob, by: str, after: dict[str, Any], request_id: str = "") -> None:
    record(
        action,
        actor_kind="system",
        actor=f"for {by}",
        subject_kind="job",
        subject=str(job.pk),
        after=after,
        request_id=request_id,
    )
