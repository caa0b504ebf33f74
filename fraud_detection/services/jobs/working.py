"""What a worker does when it is told that there is work: one step of the job whose turn it is."""

import errno
from datetime import timedelta

import structlog
from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerAway

from fraud_detection.models import BatchJob, JobSource, JobState
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.jobs.chunking import do_chunk
from fraud_detection.services.jobs.errors import JobRefused, NoRoom
from fraud_detection.services.jobs.finishing import FREE, end, go_on
from fraud_detection.services.jobs.holding import Stopped, held, pick, workable
from fraud_detection.services.jobs.places import forget
from fraud_detection.services.jobs.preparing import prepare
from fraud_detection.services.jobs.progress import tell_pages

TASK = "fraud_detection.tasks.work_on_jobs"
MOST_LOST = 5  # workers that one chunk may cost
MOST_FAULTS = 3
PAUSE = timedelta(seconds=5)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
log = structlog.get_logger(__name__)


def work_on_jobs() -> bool:
    """Do one step and ask for the next where there is one; False when there was nothing to do."""
    done = do_step()
    if done and BatchJob.objects.filter(workable()).exists():
        tell_a_worker()
    return done


def do_step(only: int | None = None) -> bool:
    """Prepare the job whose turn it is, or do its next chunk. `only`: of this job."""
    job = pick(only)
    if job is None:
        return False
    if job.lost >= MOST_LOST:
        _fail(job, f"its worker was lost {MOST_LOST} times at the same place; see the log of the workers")
        return True
    try:
        _step(job)
    except Stopped as stopped:
        log.info("job_step_stopped", job=job.pk, why=str(stopped))
    except NoRoom as refused:
        _fail(job, str(refused))
    except (FileRefused, JobRefused) as refused:
        _fail(job, str(refused))
        _forget_unread(job)
    except (OperationalError, InterfaceError) as error:
        log.warning("job_database_away", job=job.pk, error=str(error))
        _let_go(job, counted=False)
        return False  # asked again by tend_jobs, not at once
    except OSError as error:
        if error.errno not in FULL:
            _fault(job, error)
        else:
            _fail(job, "the disk is full; make room and resume the job: what is stored stays")
    except Exception as error:
        _fault(job, error)
    return True


def tell_a_worker() -> None:
    """Say by the name of the task that there is work; a broker that is away is told again by tend_jobs."""
    try:
        current_app.send_task(TASK, retry=False)
    except (BrokerAway, OSError) as error:
        log.warning("job_not_told", error=str(error))


def _step(job: BatchJob) -> None:
    if job.prepared_at is not None:
        do_chunk(job)
        return
    tell_pages(job.pk)
    prepare(job)
    with transaction.atomic():
        held(job).update(lost=0, faults=0)
        go_on(job)


def _fail(job: BatchJob, error: str) -> None:
    with transaction.atomic():
        mine = held(job).select_for_update().first()
        if mine is not None:
            end(mine, JobState.FAILED, error)


def _forget_unread(job: BatchJob) -> None:
    """An upload that can never be read is not kept: nobody has masked its card numbers."""
    hopeless = BatchJob.objects.filter(
        pk=job.pk, state=JobState.FAILED, prepared_at=None, source=JobSource.UPLOAD
    )
    if hopeless.update(files_removed_at=Now()):
        forget(job.folder)


def _fault(job: BatchJob, error: Exception) -> None:
    """What nobody expected: tried again a little later, and given up after a few times in a row."""
    log.exception("job_step_failed", job=job.pk, faults=job.faults + 1)
    if job.faults + 1 >= MOST_FAULTS:
        _fail(job, f"it broke off {MOST_FAULTS} times ({type(error).__name__}); see the log, then resume it")
    else:
        _let_go(job, counted=True)


def _let_go(job: BatchJob, *, counted: bool) -> None:
    """Give the job back for later; with the database away the lease runs out by itself."""
    try:
        if not connection.in_atomic_block:
            connection.close()
        held(job).update(**FREE, not_before=Now() + PAUSE, faults=F("faults") + int(counted))
    except (OperationalError, InterfaceError) as error:
        log.warning("job_not_let_go", job=job.pk, error=str(error))
