"""Scoring a decided event again: its recorded features, judged by the rules, policy, model and lists of now.

The decision stays as it was made, and so does every number that counts decisions. What comes out is a record
of its own; a rule that hits now and did not before is a late hit on the old decision, and may alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from alerts.models import Alert, AlertStatus, Severity
from alerts.services import Suspicion, raise_alerts
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, Rescoring, RuleHit, ScheduleRun
from fraud_detection.policy import APPROVE
from fraud_detection.services.context import context_of
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.known_events import values_of_stored
from fraud_detection.services.payment_events import subjects_of
from fraud_detection.services.recording import unpacked
from fraud_detection.services.replaying import NotReplayable, stored_feature_set
from fraud_detection.services.scoring import Hit, Scored, score
from fraud_detection.services.serving import EngineNotInstalled, Serving, serving
from fraud_detection.services.sources.registry import SOURCES
from logs.services import record


@dataclass
class Done:
    """What became of a chunk of decisions; `skipped`: recorded without what is read now."""

    scored: int = 0
    changed: int = 0
    hits: int = 0
    skipped: int = 0


def rescore(run: ScheduleRun, chunk: Sequence[Assessment], now: datetime) -> Done:
    """Score decisions again, inside the caller's transaction; one that this run has scored is left out."""
    done = Done()
    known = set(Rescoring.objects.filter(run=run, assessment__in=chunk).values_list("assessment", flat=True))
    for assessment in chunk:
        if assessment.pk in known:
            continue
        scored = _scored(assessment, now)
        if scored is None:
            done.skipped += 1
            continue
        state, verdict = scored
        fresh = _fresh_hits(assessment, verdict)
        alerts = _record_late(assessment, verdict, fresh, now)
        _keep(run, assessment, state, verdict, fresh, alerts, now)
        done.scored += 1
        done.changed += verdict.verdict.decision != assessment.decision
        done.hits += len(fresh)
    return done


def _scored(assessment: Assessment, now: datetime) -> tuple[Serving, Scored] | None:
    try:
        state = serving(assessment.engine)
        numbers = _numbers(assessment, state)
    except (EngineNotInstalled, NotReplayable, KeyError):
        return None
    if numbers is None:
        return None
    values = values_of_stored(assessment.transaction) if assessment.transaction else None
    texts = dict(assessment.texts)
    if values is not None:  # the lists may say otherwise by now
        texts |= context_of(values, lists_in_use=state.lists_in_use, now=now, fields=state.engine.fields)
    subjects = subjects_of(values) if values is not None else _subjects(assessment)
    return state, score(state, FeatureValues(numbers, texts), subjects, [], at=now)


def _numbers(assessment: Assessment, state: Serving) -> np.ndarray | None:
    """Recorded features in the order of now; None when one that is read now was not recorded then."""
    recorded, wanted = unpacked(assessment.features), state.engine.feature_set
    if assessment.feature_set_version == wanted.version:
        return np.array(recorded)
    names = stored_feature_set(assessment.feature_set_version, state.engine).numbers
    places = {name: place for place, name in enumerate(names)}
    if any(name not in places for name in wanted.numbers):
        return None
    return np.array([recorded[places[name]] for name in wanted.numbers])


def _subjects(assessment: Assessment) -> dict[str, str | None]:
    source, link = SOURCES[assessment.engine], ENGINES[assessment.engine].link.removesuffix("_id")
    event = getattr(assessment, link)
    named = {kind: getattr(event, name, None) or None for kind, name in source.subjects.items()}
    customer = assessment.customer.external_id if assessment.customer else assessment.external_id
    return named | {"customer": customer}


def _fresh_hits(assessment: Assessment, scored: Scored) -> list[Hit]:
    recorded = {hit.rule for hit in assessment.hits.all()}
    return [hit for hit in scored.hits if hit.rule not in recorded]


def _record_late(assessment: Assessment, scored: Scored, fresh: list[Hit], now: datetime) -> list[int]:
    """Late hits on the old decision, alerting as those of a decision would; the ids of their alerts."""
    alerts = []
    for hit in fresh:
        alerting = scored.verdict.decision != APPROVE or hit.severity in (Severity.HIGH, Severity.CRITICAL)
        alert_id = _alert(assessment, scored, hit, alerts, now) if alerting else None
        alerts += [alert_id] if alert_id else []
        RuleHit.objects.create(
            assessment=assessment,
            alert_id=alert_id,
            rule=hit.rule,
            rule_version=hit.rule_version,
            family=hit.family,
            subject_kind=hit.subject_kind,
            subject=hit.subject,
            severity=hit.severity,
            confidence=hit.confidence,
            weight=hit.weight,
            reason=hit.reason[:500],
            metadata=hit.metadata,
            late=True,
        )
    return sorted(set(alerts))


def _alert(assessment: Assessment, scored: Scored, hit: Hit, joined_now: list[int], now: datetime) -> int:
    """The alert that a late hit joins; what the event is worth counts in each alert once."""
    own = [*joined_now, *(each.alert_id for each in assessment.hits.all() if each.alert_id)]
    joined = Alert.objects.filter(pk__in=own, status=AlertStatus.OPEN)
    if not ENGINES[assessment.engine].one_alert:
        joined = joined.filter(family=hit.family, subject_kind=hit.subject_kind, subject=hit.subject)
    standing = joined.first()
    about = standing or hit
    (alert_id,) = raise_alerts(
        [
            Suspicion(
                engine=assessment.engine,
                family=about.family,
                subject_kind=about.subject_kind,
                subject=about.subject,
                customer_id=assessment.customer_id,
                severity=hit.severity,
                risk_score=scored.verdict.risk_score,
                amount_minor=0 if standing else assessment.amount_minor,
                rule=hit.rule,
                reason=hit.reason,
                hits=1,
            )
        ],
        at=now,
    )
    record(
        "alert.found_later",
        actor_kind="system",
        actor="rescoring",
        subject_kind="alert",
        subject=str(alert_id),
        after={"assessment": assessment.pk, "rule": hit.rule},
    )
    return alert_id


def _keep(
    run: ScheduleRun,
    assessment: Assessment,
    state: Serving,
    scored: Scored,
    fresh: list[Hit],
    alerts: list[int],
    now: datetime,
) -> None:
    verdict: Any = scored.verdict
    Rescoring.objects.create(
        run=run,
        assessment=assessment,
        scored_at=now,
        before_score=assessment.risk_score,
        before_decision=assessment.decision,
        risk_score=verdict.risk_score,
        risk_level=verdict.risk_level,
        decision=verdict.decision,
        reasons=scored.reasons,
        new_hits=[hit.rule for hit in fresh],
        alerts=alerts,
        rule_set_version=state.rule_set_version,
        policy_version=state.policy.version,
        model_version=state.predictor.version,
    )
