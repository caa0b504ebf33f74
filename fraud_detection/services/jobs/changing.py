"""What people ask of a job: cancel, pause, resume, another priority."""

from typing import Any

from django.db import transaction

from alerts.services.system import clear_system_alert
from fraud_detection.models import BatchJob, JobAsk, JobPriority, JobState
from fraud_detection.models.jobs import ENDED, WORKABLE
from fraud_detection.services.jobs.errors import FilesGone, JobConflict, JobRefused
from fraud_detection.services.jobs.finishing import ALERT, end
from fraud_detection.services.jobs.holding import first_turn, silent
from fraud_detection.services.jobs.progress import tell_pages
from fraud_detection.services.jobs.working import tell_a_worker
from logs.services import record

RESUMABLE = (JobState.PAUSED, JobState.FAILED, JobState.CANCELLED)


@transaction.atomic
def cancel_job(*, job_id: int, acting: str, request_id: str = "") -> BatchJob:
    """Stop a job at once, or where the chunk in work ends. Raises JobConflict when it ended already."""
    job = _locked(job_id)
    if job.state in ENDED:
        raise JobConflict(f"{job} is {job.get_state_display().lower()} already")
    _note("job.cancelled", job, acting, request_id, {"rows_done": job.rows_done})
    if _in_work(job):
        BatchJob.objects.filter(pk=job_id).update(asked=JobAsk.CANCEL)
    else:
        end(job, JobState.CANCELLED)
    return _after(job_id)


@transaction.atomic
def pause_job(*, job_id: int, acting: str, request_id: str = "") -> BatchJob:
    """Let a job rest, at the end of the chunk in work. Raises JobConflict."""
    job = _locked(job_id)
    if job.state not in WORKABLE or job.asked == JobAsk.CANCEL:
        raise JobConflict(f"{job} cannot be paused: it is {_standing(job)}")
    _note("job.paused", job, acting, request_id, {"rows_done": job.rows_done})
    if _in_work(job):
        BatchJob.objects.filter(pk=job_id).update(asked=JobAsk.PAUSE)
    else:
        BatchJob.objects.filter(pk=job_id).update(state=JobState.PAUSED, run=None, heartbeat_at=None)
    return _after(job_id)


@transaction.atomic
def resume_job(*, job_id: int, acting: str, request_id: str = "") -> BatchJob:
    """Go on behind the last finished chunk. Raises JobConflict, FilesGone when its files were removed."""
    job = _locked(job_id)
    if job.state in WORKABLE and job.asked == JobAsk.PAUSE:
        BatchJob.objects.filter(pk=job_id).update(asked=JobAsk.NOTHING)
    elif job.state not in RESUMABLE:
        raise JobConflict(f"{job} cannot be resumed: it is {_standing(job)}")
    elif job.files_removed_at is not None:
        raise FilesGone(
            f"the files of {job} were removed; send the file again, what is stored is not repeated"
        )
    else:
        BatchJob.objects.filter(pk=job_id).update(
            state=JobState.QUEUED,
            ended_at=None,
            error="",
            lost=0,
            faults=0,
            turn=first_turn(),
            not_before=None,
        )
        if job.state == JobState.FAILED:
            clear_system_alert(engine=job.engine, kind=ALERT, message=f"{job} was resumed", at=job.ended_at)
    _note("job.resumed", job, acting, request_id, {"rows_done": job.rows_done})
    transaction.on_commit(tell_a_worker)
    return _after(job_id)


@transaction.atomic
def prioritise_job(*, job_id: int, priority: str, acting: str, request_id: str = "") -> BatchJob:
    """Give a job another priority. Raises JobRefused, JobConflict when it ended."""
    if priority not in JobPriority.values:
        raise JobRefused("priority", f"must be one of {', '.join(JobPriority.values)}")
    job = _locked(job_id)
    if job.state in ENDED:
        raise JobConflict(f"{job} is {job.get_state_display().lower()} already")
    if job.priority != priority:
        BatchJob.objects.filter(pk=job_id).update(priority=priority, turn=first_turn())
        _note("job.prioritised", job, acting, request_id, {"priority": priority}, {"priority": job.priority})
    return _after(job_id)


def _locked(job_id: int) -> BatchJob:
    return BatchJob.objects.select_for_update().get(pk=job_id)


def _in_work(job: BatchJob) -> bool:
    """Whether a worker holds it whose lease still runs, by the database's clock."""
    return job.run is not None and not BatchJob.objects.filter(silent(), pk=job.pk).exists()


def _standing(job: BatchJob) -> str:
    return "being cancelled" if job.asked == JobAsk.CANCEL else job.get_state_display().lower()


def _after(job_id: int) -> BatchJob:
    transaction.on_commit(lambda: tell_pages(job_id))
    return BatchJob.objects.select_related("client").get(pk=job_id)


def _note(
    action: str,
    job: BatchJob,
    acting: str,
    request_id: str,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    record(
        action,
        actor_kind="user" if "@" in acting else "key",
        actor=acting,
        subject_kind="job",
        subject=str(job.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
