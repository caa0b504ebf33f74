"""What is due is begun, once, however many beats tick and however long none did."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from fraud_detection.models import RunState, ScheduleRun, ScoringSchedule
from fraud_detection.services.schedules.calendar import next_after
from fraud_detection.services.schedules.managing import UNFINISHED, tell_a_worker

SILENT = timedelta(seconds=90)


def tick(now: datetime) -> list[int]:
    """Begin what is due, and tell workers again of runs that nobody carries out; the runs begun."""
    begun = _begin_due(now)
    unheard = Q(state=RunState.QUEUED, created_at__lt=Now() - SILENT)
    lost = Q(state=RunState.RUNNING, heartbeat_at__lt=Now() - SILENT)
    for run_id in ScheduleRun.objects.filter(unheard | lost).values_list("pk", flat=True):
        tell_a_worker(run_id)
    return begun


@transaction.atomic
def _begin_due(now: datetime) -> list[int]:
    """Rows are locked, and moved on in the same transaction: another beat finds nothing due any more."""
    due = Q(next_run_at__lte=now) | Q(next_run_at__isnull=True)
    begun = []
    for schedule in ScoringSchedule.objects.select_for_update(skip_locked=True).filter(due, enabled=True):
        was_due, schedule.next_run_at = schedule.next_run_at, next_after(schedule.cron, now)
        schedule.save(update_fields=("next_run_at",))
        if was_due is None or schedule.runs.filter(state__in=UNFINISHED).exists():
            continue  # new, or the run before is not done: that one stands for this one
        run, made = ScheduleRun.objects.get_or_create(schedule=schedule, due_at=was_due)
        if made:
            begun.append(run.pk)
            transaction.on_commit(lambda run_id=run.pk: tell_a_worker(run_id))
    return begun


def purge_runs(now: datetime) -> int:
    """Forget runs, and what they scored again, that ended more than RESCORE_KEEP_DAYS ago."""
    old = now - timedelta(days=settings.RESCORE_KEEP_DAYS)
    return ScheduleRun.objects.filter(ended_at__lt=old).delete()[0]
