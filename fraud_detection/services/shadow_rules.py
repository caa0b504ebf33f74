"""Rules in shadow: what they would have changed, never a part of the decision and never a reason to fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, OperationalError, transaction

from fraud_detection.models import ShadowHit
from fraud_detection.policy import Evidence, Verdict
from fraud_detection.rules.ruleset import RuleSet
from logs.metrics import SHADOW_RULE_FAILURES

log = structlog.get_logger(__name__)
_told: set[tuple[str, str]] = set()  # rules whose failure stands in this process's log already


@dataclass(frozen=True)
class Watching:
    """The versions in shadow of an engine, compiled together; (id, number) of the version by rule."""

    engine: str
    rules: RuleSet
    versions: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class WouldBe:
    """A hit of a version in shadow, and the verdict with it in force."""

    version_id: int
    severity: str
    confidence: float
    weight: float
    reason: str
    also_active: bool
    decision: str
    risk_score: float
    changes: bool


def would_be(
    watching: Watching,
    values: Any,
    hits: Sequence[Evidence],
    verdict: Verdict,
    *,
    fired: set[str],
    as_hit: Callable[[Any, Mapping[str, int]], Evidence],
    judged: Callable[[list[Evidence]], Verdict],
) -> list[WouldBe]:
    """What the versions in shadow say of an event whose `hits` gave this `verdict`.

    `fired` are the rules whose active version fired, snoozed or not. `judged` gives the verdict on other
    hits: each version is tried in the place of its rule's active one.
    """
    numbers = {code: number for code, (_, number) in watching.versions.items()}
    try:
        outcomes = watching.rules.evaluate(values)
    except Exception as error:  # nobody waits for it, whatever is wrong
        _failed(watching, "*", str(error))
        return []
    for code, error in outcomes.failed:
        _failed(watching, code, error)
    found = []
    for hit in outcomes.hits:
        code = hit.rule.code
        try:
            mine = as_hit(hit, numbers)
            with_it = judged([*(other for other in hits if other.rule != code), mine])
        except Exception as error:
            _failed(watching, code, str(error))
            continue
        found.append(
            WouldBe(
                version_id=watching.versions[code][0],
                severity=mine.severity,
                confidence=mine.confidence,
                weight=mine.weight,
                reason=mine.reason,
                also_active=code in fired,
                decision=with_it.decision,
                risk_score=with_it.risk_score,
                changes=with_it.decision != verdict.decision,
            )
        )
    return found


def store_shadow_hits(engine: str, decided: Sequence[tuple[int, Sequence[WouldBe]]], at: datetime) -> None:
    """Store the shadow hits of recorded decisions, (assessment id, hits), in their transaction.

    When that fails the decisions stand as they are: the savepoint keeps them.
    """
    rows = [_row(assessment, one, at) for assessment, found in decided for one in found]
    if not rows:
        return
    try:
        with transaction.atomic():
            ShadowHit.objects.bulk_create(rows)
    except OperationalError:
        raise  # a lost connection or a deadlock concerns the whole decision
    except DatabaseError as error:
        SHADOW_RULE_FAILURES.labels(engine, "*").inc(len(rows))
        log.exception("shadow_hits_not_stored", hits=len(rows), error=str(error))


def _row(assessment: int, one: WouldBe, at: datetime) -> ShadowHit:
    return ShadowHit(
        assessment_id=assessment,
        version_id=one.version_id,
        decided_at=at,
        severity=one.severity,
        confidence=one.confidence,
        weight=one.weight,
        reason=one.reason[:500],
        also_active=one.also_active,
        would_decide=one.decision,
        would_score=one.risk_score,
        changes_decision=one.changes,
    )


def _failed(watching: Watching, code: str, error: str) -> None:
    SHADOW_RULE_FAILURES.labels(watching.engine, code).inc()
    if (watching.engine, code) not in _told:
        _told.add((watching.engine, code))
        log.warning("shadow_rule_failed", engine=watching.engine, rule=code, error=error)
