"""What keeps jobs going and small: workers are told again, files of old jobs are removed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from fraud_detection.models import BatchJob
from fraud_detection.models.jobs import ENDED
from fraud_detection.services.jobs.holding import workable
from fraud_detection.services.jobs.places import forget, sweep
from fraud_detection.services.jobs.working import tell_a_worker


def tend_jobs() -> int:
    """Say again that there is work: a message, a worker or the broker may be lost. How many were told."""
    waiting = min(BatchJob.objects.filter(workable()).count(), settings.BATCH_AT_ONCE)
    for _ in range(waiting):
        tell_a_worker()
    return waiting


UNREAD_KEPT = timedelta(days=1)


def purge_jobs(now: datetime) -> int:
    """Remove the files of jobs that ended more than BATCH_KEEP_DAYS ago; the rows stay. How many.

    Those of a job that ended before its file was read go after a day: card numbers in them are not masked.
    """
    old = now - timedelta(days=settings.BATCH_KEEP_DAYS)
    due = Q(ended_at__lt=old) | Q(ended_at__lt=now - UNREAD_KEPT, prepared_at=None)
    ended = BatchJob.objects.filter(due, state__in=ENDED, files_removed_at__isnull=True)
    purged = 0
    for job_id, folder in ended.values_list("pk", "folder")[:1_000]:
        if BatchJob.objects.filter(pk=job_id, state__in=ENDED).update(files_removed_at=now):
            forget(folder)
            purged += 1
    sweep()
    return purged
