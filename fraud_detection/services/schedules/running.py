"""Carrying a run out: held by one worker at a time, gone on with after a kill, ended once."""

import dataclasses
import uuid
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services.system import clear_system_alert, raise_system_alert
from fraud_detection.models import RunState, ScheduleKind, ScheduleRun
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.customers.predicting import predict_stored
from fraud_detection.services.schedules.exposure import next_assessments
from fraud_detection.services.schedules.rescoring import rescore
from fraud_detection.services.schedules.ticking import SILENT
from logs.services import record

MOST_ATTEMPTS = 5
ALERT = "schedule"
log = structlog.get_logger(__name__)


class Stopped(Exception):
    """Another worker holds the run."""


def run_schedule(run_id: int) -> bool:
    """Carry a waiting run out, or go on with one that lost its worker; False when there is nothing to do."""
    token = uuid.uuid4()
    if not _claimed(run_id, token):
        return False
    run = ScheduleRun.objects.select_related("schedule").get(pk=run_id)
    try:
        if run.attempts > MOST_ATTEMPTS:
            raise RuntimeError(f"its worker was lost {MOST_ATTEMPTS} times")
        result = _predict(run) if run.schedule.kind == ScheduleKind.CUSTOMERS else _score_again(run)
        _end(run, RunState.DONE, result=result)
    except Stopped:
        return False
    except (OperationalError, InterfaceError):
        raise  # the lease runs out, and the next tick tells another worker
    except Exception as error:
        log.exception("schedule_run_failed", run=run_id)
        _end(run, RunState.FAILED, error=f"it broke off ({type(error).__name__}): {error}"[:2_000])
    return True


def _claimed(run_id: int, token: uuid.UUID) -> bool:
    silent = Q(state=RunState.RUNNING, heartbeat_at__lt=Now() - SILENT)
    free = ScheduleRun.objects.filter(Q(state=RunState.QUEUED) | silent, pk=run_id)
    return bool(
        free.update(
            state=RunState.RUNNING,
            run=token,
            attempts=F("attempts") + 1,
            heartbeat_at=Now(),
            started_at=Coalesce("started_at", Now()),
        )
    )


def _held(run: ScheduleRun) -> Any:
    return ScheduleRun.objects.filter(pk=run.pk, run=run.run, state=RunState.RUNNING)


def _beat(run: ScheduleRun, **facts: Any) -> None:
    if not _held(run).update(heartbeat_at=Now(), **facts):
        raise Stopped


def _score_again(run: ScheduleRun) -> dict[str, Any]:
    """Chunk by chunk by id; a chunk and how far the run is stand in one transaction."""
    last = run.last
    while chunk := next_assessments(run.schedule, run.started_at, last):
        last = chunk[-1].pk
        with transaction.atomic():
            done = rescore(run, chunk, timezone.now())
            _beat(
                run,
                last=last,
                scored=F("scored") + done.scored,
                changed=F("changed") + done.changed,
                hits=F("hits") + done.hits,
                skipped=F("skipped") + done.skipped,
            )
    return {}


def _predict(run: ScheduleRun) -> dict[str, Any]:
    try:
        done = predict_stored(
            model=None,
            acting=f"schedule {run.schedule.name}",
            progress=lambda now, total: _beat(run, scored=now),
        )
    except NoCustomerModel as missing:
        return {"nothing_done": str(missing)}
    return dataclasses.asdict(done)


@transaction.atomic
def _end(run: ScheduleRun, state: RunState, **facts: Any) -> None:
    at = timezone.now()
    if not _held(run).update(state=state, ended_at=Now(), **facts):
        raise Stopped
    run.refresh_from_db()
    payload = {
        "kind": "schedule",
        "id": run.pk,
        "state": state.value,
        "rows_total": run.scored + run.skipped,
        "rows_done": run.scored,
        "rows_failed": run.skipped,
        "at": at.isoformat(),
    }
    OutboxMessage.objects.create(topic="job.finished", payload=payload)
    counts = {name: getattr(run, name) for name in ("scored", "changed", "hits", "skipped")}
    record(
        f"schedule.{'ran' if state == RunState.DONE else 'failed'}",
        actor_kind="system",
        actor=f"schedule {run.schedule.name}",
        subject_kind="schedule",
        subject=str(run.schedule_id),
        after={"run": run.pk, **counts},
    )
    about = {"engine": "all", "kind": ALERT, "at": at}
    if state == RunState.DONE:
        clear_system_alert(message=f"“{run.schedule}” ran to its end", **about)
    else:
        message = f"The schedule “{run.schedule}” failed: {run.error}"[:500]
        raise_system_alert(subject=run.schedule.name, severity="medium", message=message, **about)
