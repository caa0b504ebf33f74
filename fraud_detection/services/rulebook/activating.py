"""Putting a version in force, now or when its effective date has come."""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services import raise_system_alert
from fraud_detection.models import EngineState, RuleStage, RuleStanding, RuleVersion
from fraud_detection.services.rule_sets import recompose, standings_of
from fraud_detection.services.rulebook.definitions import check_holds
from fraud_detection.services.rulebook.errors import RuleConflict, RuleRefused, RuleStageRefused
from fraud_detection.services.rulebook.freezing import moved
from logs.services import record

IN_FORCE = (RuleStage.ACTIVE, RuleStage.PAUSED)
SCHEDULE = "schedule"  # who puts in force what was approved for a later moment
log = structlog.get_logger(__name__)


def locked(version: RuleVersion, seen: int) -> tuple[EngineState, RuleStanding]:
    """The engine's state row, held, and the standing as it is now; raises RuleConflict for a stale view."""
    state = locked_state(version.rule.engine)
    standing = RuleStanding.objects.select_related("version__rule").get(version=version)
    if standing.revision != seen:
        raise RuleConflict(standing)
    return state, standing


def locked_state(engine: str) -> EngineState:
    """Changes of one engine come one after the other.

    The row alone: joined with its rule set, which whoever held it has just replaced, it would not be found.
    """
    return EngineState.objects.select_for_update().get(engine=engine)


def activate(state: EngineState, standing: RuleStanding, *, by: str, request_id: str = "") -> None:
    """Let a version decide, for its share of the entities; the one before gives way as far."""
    former = [one for one in standings_of(standing.version.rule) if one.stage in IN_FORCE]
    check_room(standing, former)
    now = timezone.now()
    standing.effective_at = standing.effective_at or now
    moved(standing, RuleStage.ACTIVE, by)
    if standing.rollout == 100:
        for one in former:
            moved(one, RuleStage.RETIRED, by, rollout=100, note=f"{standing.version} took its place.")
    recompose(state, [standing.version.rule])
    told(state, standing, by)
    audit("rule.activated", standing, by, request_id, rule_set=str(state.rule_set), share=standing.rollout)


def check_room(standing: RuleStanding, former: list[RuleStanding] | None = None) -> None:
    """Raises RuleStageRefused when its share cannot be given: two versions share a rule at most."""
    former = [one for one in former or () if one.pk != standing.pk]
    if standing.rollout == 100 or not former:
        return
    if len(former) > 1:
        raise RuleStageRefused(f"{former[0].version} is being rolled out still: finish or retire it first")
    if former[0].stage == RuleStage.PAUSED:
        raise RuleStageRefused(f"{former[0].version} is paused and cannot keep the rest: resume it first")


def apply_due(now: datetime) -> list[str]:
    """Put in force what was approved for a moment that has come; each exactly once."""
    due = RuleStanding.objects.filter(
        stage=RuleStage.PENDING, approved_at__isnull=False, effective_at__lte=now
    )
    done = []
    for pk in due.order_by("effective_at", "pk").values_list("pk", flat=True):
        if name := _apply(pk, now):
            done.append(name)
    return done


@transaction.atomic
def _apply(pk: int, now: datetime) -> str:
    engine = RuleStanding.objects.values_list("version__rule__engine", flat=True).get(pk=pk)
    state = locked_state(engine)
    standing = RuleStanding.objects.select_related("version__rule").get(pk=pk)
    is_due = standing.stage == RuleStage.PENDING and standing.approved_at and standing.effective_at <= now
    if not is_due:
        return ""  # somebody else was quicker, or it was withdrawn
    try:
        check_holds(standing.version.rule, standing.version.definition)
        with transaction.atomic():
            activate(state, standing, by=SCHEDULE)
    except (RuleRefused, RuleStageRefused) as refused:
        _put_back(pk, str(refused), now)
        return ""
    return str(standing.version)


def _put_back(pk: int, why: str, now: datetime) -> None:
    """It waits for approval anew, and people are told."""
    standing = RuleStanding.objects.select_related("version__rule").get(pk=pk)
    note = f"Could not take effect: {why}"[:500]
    approval = {"approved_by": "", "approved_at": None, "effective_at": None}
    moved(standing, RuleStage.PENDING, SCHEDULE, note=note, **approval)
    audit("rule.not_activated", standing, SCHEDULE, "", reason=note)
    log.error("rule_not_activated", rule=str(standing.version), error=why)
    raise_system_alert(
        engine=standing.version.rule.engine,
        kind="rule.not_activated",
        subject=str(standing.version),
        severity="high",
        message=f"{standing.version} was approved for now and {note[:1].lower()}{note[1:]}",
        at=now,
    )


def told(state: EngineState, standing: RuleStanding, by: str) -> None:
    """Others hear of it through the outbox."""
    OutboxMessage.objects.create(
        topic="rule.activated",
        payload={
            "rule": standing.version.rule.code,
            "version": standing.version.number,
            "engine": state.engine,
            "share": standing.rollout,
            "rule_set": str(state.rule_set),
            "by": by,
            "at": timezone.now().isoformat(),
        },
    )


def audit(action: str, standing: RuleStanding, by: str, request_id: str, **after: Any) -> None:
    """One deed on a version of a rule."""
    rule = standing.version.rule
    record(
        action,
        actor_kind="user" if "@" in by else "system",
        actor=by,
        subject_kind="rule",
        subject=f"{rule.engine}/{rule.code}",
        after={"version": standing.version.number, "stage": standing.stage, **after},
        request_id=request_id,
    )
