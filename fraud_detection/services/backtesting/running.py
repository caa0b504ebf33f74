"""Carrying a backtest out: claimed by one worker at a time, told how far it is, ended once."""

import time
import uuid
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.models import Assessment, Backtest, BacktestState
from fraud_detection.models.backtests import MOST_ATTEMPTS, SILENT
from fraud_detection.rules.language import RuleSyntaxError
from fraud_detection.services.backtesting.examples import Example
from fraud_detection.services.backtesting.figures import Costs, figures
from fraud_detection.services.backtesting.replaying import Replayed, replay_period
from fraud_detection.services.backtesting.shelf import purge
from fraud_detection.services.backtesting.wordings import wordings_of
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.workbench.trying import Trial

TOLD_EVERY = 1.0  # seconds
log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The run is no longer ours: cancelled, or another worker holds it."""


def run_backtest(backtest_id: int) -> bool:
    """Carry a waiting backtest out, or one whose worker fell silent; False when there was nothing to do."""
    run = uuid.uuid4()
    if not _claimed(backtest_id, run):
        return False
    backtest = Backtest.objects.select_related("rule").get(pk=backtest_id)
    try:
        _carry_out(backtest, run)
    except Stopped:
        log.info("backtest_stopped", backtest=backtest_id)
        return False
    except (RuleSyntaxError, ValueError) as refused:
        _end(backtest, run, BacktestState.FAILED, error=str(refused)[:2_000].replace("\x00", ""))
    except Exception as error:
        said = f"The backtest broke off ({type(error).__name__}); see the log."
        _end(backtest, run, BacktestState.FAILED, error=said)
        raise
    return True


def _claimed(backtest_id: int, run: uuid.UUID) -> bool:
    now = timezone.now()
    silent = Q(state=BacktestState.RUNNING) & (Q(heartbeat_at__lt=now - SILENT) | Q(heartbeat_at=None))
    free = Backtest.objects.filter(Q(state=BacktestState.QUEUED) | silent, pk=backtest_id)
    begun = {"heartbeat_at": now, "started_at": now, "rows_done": 0, "rows_total": 0}
    return bool(
        free.filter(attempts__lt=MOST_ATTEMPTS).update(
            state=BacktestState.RUNNING, run=run, attempts=F("attempts") + 1, **begun
        )
    )


def _carry_out(backtest: Backtest, run: uuid.UUID) -> None:
    began, now = time.perf_counter(), timezone.now()
    engine = engine_in_use(backtest.engine)
    wordings = wordings_of(engine, backtest.definition)
    known_by = min(backtest.cut_off, now) if backtest.cut_off else now
    found = replay_period(
        engine,
        wordings,
        since=backtest.since,
        until=backtest.until,
        known_by=known_by,
        now=now,
        progress=_Told(backtest.pk, run),
    )
    costs = Costs(backtest.alert_cost, backtest.friction_share)
    result = figures(found, wordings, costs) | {
        "examples": _examples(found, backtest, wordings.active_version),
        "known_by": known_by.isoformat(),
        "active_version": str(wordings.active_version) if wordings.active_version else None,
    }
    result["seconds"] = round(time.perf_counter() - began, 3)
    _end(
        backtest,
        run,
        BacktestState.DONE,
        result=result,
        hits=found.listed.packed(),
        active=wordings.active_version,
    )
    purge()


def _end(backtest: Backtest, run: uuid.UUID, state: BacktestState, **facts: Any) -> None:
    """Write the end down, unless the run was taken away meanwhile; tell those who listen."""
    with transaction.atomic():
        now = timezone.now()
        held = Backtest.objects.filter(pk=backtest.pk, state=BacktestState.RUNNING, run=run)
        if not held.update(state=state, ended_at=now, heartbeat_at=now, **facts):
            raise Stopped
        payload = {"kind": "backtest", "id": backtest.pk, "rule": backtest.code, "state": state.value}
        payload |= {"engine": backtest.engine, "at": now.isoformat()}
        OutboxMessage.objects.create(topic="job.finished", payload=payload)


def _examples(found: Replayed, backtest: Backtest, active_version: Any) -> dict[str, list[dict[str, Any]]]:
    draft = Trial(backtest.definition, engine=backtest.engine)
    active = Trial(active_version.definition, engine=backtest.engine) if active_version else None
    wanted = {example.id for examples in found.examples.found.values() for example in examples}
    records = Assessment.objects.select_related("customer").in_bulk(wanted)
    return {
        kind: [
            _example(example, records[example.id], draft, active)
            for example in examples
            if example.id in records
        ]
        for kind, examples in found.examples.found.items()
    }


def _example(example: Example, assessment: Assessment, draft: Trial, active: Trial | None) -> dict[str, Any]:
    tried = draft.on(assessment)
    return {
        "assessment": assessment.pk,
        "event_id": assessment.external_id,
        "decided_at": assessment.decided_at.isoformat(),
        "decision": assessment.decision,
        "amount": example.amount,
        "label": {1: "fraud", 0: "legitimate"}.get(example.verdict),
        "draft": example.draft,
        "active": example.active if active else None,
        "outcome": tried.outcome,
        "why": tried.why[:500],
        "active_why": active.on(assessment).why[:500] if active else None,
    }


class _Told:
    """Writes down how far a run is, at most once a second; raises Stopped when it was taken away."""

    def __init__(self, backtest_id: int, run: uuid.UUID) -> None:
        self._held = Backtest.objects.filter(pk=backtest_id, state=BacktestState.RUNNING, run=run)
        self._last: float | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._last is not None and now - self._last < TOLD_EVERY and done < total:
            return
        self._last = now
        told: dict[str, int | datetime] = {"rows_done": done, "rows_total": total}
        if not self._held.update(**told, heartbeat_at=timezone.now()):
            raise Stopped
