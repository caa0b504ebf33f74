"""Making, changing and deleting schedules, and running one at once."""

from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from fraud_detection.models import RunState, ScheduleKind, ScheduleRun, ScoringSchedule
from fraud_detection.services.schedules.calendar import CronRefused, check_cron, next_after
from logs.services import record
from users.models import User

TASK = "fraud_detection.tasks.run_schedule"
FIELDS = ("name", "kind", "days", "cron", "enabled")
UNFINISHED = (RunState.QUEUED, RunState.RUNNING)
MOST = 50


class ScheduleRefused(ValueError):
    """A value of a schedule that cannot be; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class ScheduleConflict(Exception):
    """The schedule was changed meanwhile, or runs already."""


@transaction.atomic
def make_schedule(*, acting_user: User, request_id: str = "", **given: Any) -> ScoringSchedule:
    """A new schedule of `given` (name, kind, cron, days, enabled). Raises ScheduleRefused."""
    values = _checked({"days": 30, "enabled": True} | given)
    if ScoringSchedule.objects.count() >= MOST:
        raise ScheduleRefused("name", f"there are {MOST} schedules already; delete one first")
    made = ScoringSchedule(**values, created_by=acting_user.email)
    made.next_run_at = next_after(made.cron, timezone.now()) if made.enabled else None
    _save(made)
    _note("schedule.made", made, acting_user, request_id, after=_shown(made))
    return made


@transaction.atomic
def change_schedule(
    *, schedule_id: int, seen_version: int, acting_user: User, request_id: str = "", **given: Any
) -> ScoringSchedule:
    """Change what is given. Raises ScheduleRefused, ScheduleConflict when it was changed meanwhile."""
    found = ScoringSchedule.objects.select_for_update().get(pk=schedule_id)
    if found.version != seen_version:
        raise ScheduleConflict(f"“{found}” was changed meanwhile; look at it again")
    before = _shown(found)
    for name, value in _checked(before | given).items():
        setattr(found, name, value)
    found.version += 1
    found.next_run_at = next_after(found.cron, timezone.now()) if found.enabled else None
    _save(found)
    _note("schedule.changed", found, acting_user, request_id, before=before, after=_shown(found))
    return found


@transaction.atomic
def delete_schedule(*, schedule_id: int, acting_user: User, request_id: str = "") -> None:
    """Forget a schedule with its runs. Raises ScheduleConflict while one of them is in work."""
    found = ScoringSchedule.objects.select_for_update().get(pk=schedule_id)
    if found.runs.filter(state__in=UNFINISHED).exists():
        raise ScheduleConflict(f"“{found}” is being run; wait until that is done")
    _note("schedule.deleted", found, acting_user, request_id, before=_shown(found))
    found.delete()


@transaction.atomic
def run_now(*, schedule_id: int, acting_user: User, request_id: str = "") -> ScheduleRun:
    """Run a schedule at once, enabled or not. Raises ScheduleConflict when it runs already."""
    found = ScoringSchedule.objects.select_for_update().get(pk=schedule_id)
    if found.runs.filter(state__in=UNFINISHED).exists():
        raise ScheduleConflict(f"“{found}” runs already")
    run = ScheduleRun.objects.create(schedule=found, due_at=timezone.now(), asked_by=acting_user.email)
    _note("schedule.run_asked", found, acting_user, request_id, after={"run": run.pk})
    transaction.on_commit(lambda: tell_a_worker(run.pk))
    return run


def tell_a_worker(run_id: int) -> None:
    """Queue a run by the name of its task; a broker that is away is asked again by the next tick."""
    try:
        current_app.send_task(TASK, args=(run_id,), retry=False)
    except (BrokerAway, OSError):
        return


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    name = values.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 80 or not name.isprintable():
        raise ScheduleRefused("name", "must have 1 to 80 printable characters")
    if values.get("kind") not in ScheduleKind.values:
        raise ScheduleRefused("kind", f"must be one of {', '.join(ScheduleKind.values)}")
    days = values["days"]
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 366:
        raise ScheduleRefused("days", "must be a whole number from 1 to 366")
    if not isinstance(values["enabled"], bool):
        raise ScheduleRefused("enabled", "must be true or false")
    cron = values.get("cron")
    if not isinstance(cron, str) or len(cron) > 100:
        raise ScheduleRefused("cron", "must be text of at most 100 characters")
    try:
        cron = check_cron(cron)
    except CronRefused as refused:
        raise ScheduleRefused("cron", str(refused)) from refused
    return {**{field: values[field] for field in FIELDS}, "cron": cron, "name": name.strip()}


def _save(schedule: ScoringSchedule) -> None:
    try:
        with transaction.atomic():
            schedule.save()
    except IntegrityError as error:
        raise ScheduleRefused("name", f"there is a schedule “{schedule.name}” already") from error


def _shown(schedule: ScoringSchedule) -> dict[str, Any]:
    return {field: getattr(schedule, field) for field in FIELDS}


def _note(
    action: str, schedule: ScoringSchedule, person: User, request_id: str, **facts: dict[str, Any]
) -> None:
    record(
        action,
        actor_kind="user",
        actor=person.email,
        subject_kind="schedule",
        subject=str(schedule.pk),
        request_id=request_id,
        **facts,
    )
