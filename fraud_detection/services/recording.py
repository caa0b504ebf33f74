"""Storing a decision: the assessment, its rule hits, and the alerts that follow."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import structlog
from django.db import DatabaseError, OperationalError, connection, transaction

from alerts.models import Severity
from alerts.services import Suspicion, raise_alerts
from fraud_detection.engines.engine import Engine
from fraud_detection.models import Assessment
from fraud_detection.policy import APPROVE
from fraud_detection.services.evidence import involved
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.scoring import Hit, Scored
from fraud_detection.services.serving import Serving
from transactions.services import copy_in, run_prepared

log = structlog.get_logger(__name__)
LINK = "transaction_id"  # in the place of it stands the column that names the engine's kind of event
COLUMNS = (
    *("engine", LINK, "client_id", "external_id", "customer_id", "decided_at", "amount_minor"),
    *("decision", "risk_score", "risk_level", "fraud_probability", "confidence_score", "is_fraud", "reasons"),
    *("features", "texts", "not_evaluable", "insufficient", "feature_set_version", "rule_set_version"),
    *("policy_version", "model_version", "degraded", "degraded_parts", "latency_us"),
    "shadow_scores",
    *("details", "body_digest"),
    *("released", "release_propensity"),
)
HIT_COLUMNS = (
    *("assessment_id", "alert_id", "rule", "rule_version", "family", "subject_kind", "subject"),
    *("severity", "confidence", "weight", "reason", "metadata", "snoozed"),
)
INSERT_HIT = f"insert into fraud_detection_rulehit ({', '.join(HIT_COLUMNS)}) values "


def packed(numbers: np.ndarray) -> bytes:
    """A feature vector as little-endian float64."""
    return numbers.astype("<f8").tobytes()


def unpacked(features: bytes) -> np.ndarray:
    """The feature vector of a record."""
    return np.frombuffer(bytes(features), "<f8")


def store_assessment(
    serving: Serving, event: Mapping, features: FeatureValues, scored: Scored, at: datetime
) -> int:
    """Insert the assessment of a stored event; `event` is its transactions row. Returns the id."""
    with connection.cursor() as cursor:
        row = assessment_row(serving, event, features, scored, at)
        link = serving.engine.link
        run_prepared(cursor, f"store_assessment_{link}", _insert(link), row)
        return cursor.fetchone()[0]


def store_assessments(
    serving: Serving,
    events: Sequence[Mapping],
    features: Sequence[FeatureValues],
    scored: Sequence[Scored],
    at: datetime,
) -> list[int]:
    """Insert the assessments of many stored events by COPY; returns their ids in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('fraud_detection_assessment_id_seq') from generate_series(1, %s)", (len(events),)
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = (
        (assessment_id, *assessment_row(serving, *one, at))
        for assessment_id, *one in zip(ids, events, features, scored, strict=True)
    )
    copy_in("fraud_detection_assessment", ("id", *_columns(serving.engine.link)), rows)
    return ids


def _columns(link: str) -> tuple[str, ...]:
    return tuple(link if name == LINK else name for name in COLUMNS)


@lru_cache
def _insert(link: str) -> str:
    columns = _columns(link)
    return (
        f"insert into fraud_detection_assessment ({', '.join(columns)})"
        f" values ({', '.join(['%s'] * len(columns))}) returning id"
    )


def assessment_row(
    serving: Serving, event: Mapping, features: FeatureValues, scored: Scored, at: datetime
) -> tuple:
    """The values of COLUMNS."""
    verdict = scored.verdict
    return (
        serving.engine.name,
        event["id"],
        event["client_id"],
        event[serving.engine.id_field],
        event["customer_id"],
        at,
        event["amount_minor"],
        verdict.decision,
        verdict.risk_score,
        verdict.risk_level,
        verdict.fraud_probability,
        verdict.confidence_score,
        verdict.is_fraud,
        json.dumps(scored.reasons),
        packed(features.numbers),
        json.dumps(features.texts),
        json.dumps(scored.not_evaluable),
        json.dumps(scored.insufficient),
        serving.engine.feature_set.version,
        serving.rule_set_version,
        serving.policy.version,
        serving.predictor.version,
        bool(scored.degraded_parts),
        json.dumps(scored.degraded_parts),
        json.dumps(scored.latency_us),
        json.dumps(scored.shadow_scores) if scored.shadow_scores else None,
        json.dumps(verdict.details) if verdict.details is not None else None,
        event.get("assessed_digest"),
        verdict.released,
        verdict.release_propensity,
    )


class _Decision(NamedTuple):
    """A recorded decision with hits to store, those of them that alert apart."""

    assessment_id: int
    event: Mapping
    scored: Scored
    raising: list[Hit]

    @property
    def hits(self) -> list[Hit]:
        return [*(self.scored.hits or self.raising), *self.scored.snoozed]


def store_hits(serving: Serving, assessment_id: int, event: Mapping, scored: Scored) -> list[int]:
    """Insert the hits with their evidence, raising or growing their alerts; returns the ids of the alerts.

    When that fails the decision stands all the same, marked degraded: the savepoint keeps it.
    """
    decision = _Decision(
        assessment_id, event, scored, hits_that_alert(serving.engine, scored, event["user_id"])
    )
    if not decision.hits:
        return []
    try:
        with transaction.atomic():
            return _stored_hits(serving, [decision])
    except OperationalError:
        raise  # a lost connection or a deadlock concerns the whole decision
    except DatabaseError as error:
        log.exception("hits_not_stored", assessment=assessment_id, error=str(error))
        scored.degraded_parts.append("alerts")
        scored.hits.clear()  # the answer says what a replay of the record will say
        scored.snoozed.clear()
        Assessment.objects.filter(pk=assessment_id).update(
            degraded=True, degraded_parts=scored.degraded_parts
        )
        return []


def store_hits_together(
    serving: Serving, ids: Sequence[int], events: Sequence[Mapping], scored: Sequence[Scored]
) -> None:
    """`store_hits` for the events of a batch; where that fails each is tried alone."""
    decisions = [
        _Decision(*one, hits_that_alert(serving.engine, one[2], one[1]["user_id"]))
        for one in zip(ids, events, scored, strict=True)
    ]
    decisions = [decision for decision in decisions if decision.hits]
    if not decisions:
        return
    try:
        with transaction.atomic():
            _stored_hits(serving, decisions)
    except OperationalError:
        raise
    except DatabaseError as error:
        log.warning("hits_fell_back", decisions=len(decisions), error=str(error))
        for decision in decisions:
            store_hits(serving, decision.assessment_id, decision.event, decision.scored)


def _stored_hits(serving: Serving, decisions: Sequence[_Decision]) -> list[int]:
    """The ids of the alerts of decisions made at one moment."""
    suspicions, places = [], []
    group_of = _all_one if serving.engine.one_alert else _group
    for place, (_, event, scored, raising) in enumerate(decisions):
        for hit in decisions[place].hits:
            hit.metadata.update(involved(serving.engine, hit, event))
        for key, group in groupby(sorted(raising, key=group_of), key=group_of):
            suspicions.append(_suspicion(serving, list(group), event, scored))
            places.append((place, key))
    alert_ids = raise_alerts(suspicions, at=decisions[0].event["received_at"])
    alert_of = dict(zip(places, alert_ids, strict=True))
    _insert_hits(
        [
            _hit_row(
                decision.assessment_id,
                None if _is_snoozed(hit) else alert_of.get((place, group_of(hit))),
                hit,
            )
            for place, decision in enumerate(decisions)
            for hit in decision.hits
        ]
    )
    return alert_ids


def _insert_hits(rows: list[tuple]) -> None:
    one = f"({', '.join(['%s'] * len(HIT_COLUMNS))})"
    with connection.cursor() as cursor:
        cursor.execute(INSERT_HIT + ", ".join([one] * len(rows)), [value for row in rows for value in row])


def hits_that_alert(engine: Engine, scored: Scored, customer: str) -> list[Hit]:
    """All hits when the event was not approved (the model's own, if no rule fired); else the grave ones."""
    if scored.verdict.decision != APPROVE:
        return scored.hits or [_own_hit(engine, scored, customer)]
    return [hit for hit in scored.hits if hit.severity in (Severity.HIGH, Severity.CRITICAL)]


def _own_hit(engine: Engine, scored: Scored, customer: str) -> Hit:
    """The suspicion of a decision that no rule explains: the model's, a scorecard's, or of a failed part."""
    rule, family = engine.own_rule
    verdict = scored.verdict
    if scored.degraded_parts and not verdict.is_fraud:
        reason = f"Decided without {', '.join(scored.degraded_parts)}: held by the fail policy"
    else:
        reason = f"Model score {100 * (verdict.fraud_probability or 0):.0f} of 100"
    return Hit(
        rule=rule,
        rule_version=None,
        family=family,
        subject_kind="customer",
        subject=customer,
        severity="high" if verdict.is_fraud else "medium",
        confidence=verdict.confidence_score,
        weight=verdict.fraud_probability or 0.0,
        reason=scored.reasons[0]["text"] if scored.reasons else reason,
        metadata={},
    )


def _group(hit: Hit) -> tuple[str, str, str]:
    return hit.family, hit.subject_kind, hit.subject


def _all_one(hit: Hit) -> tuple:
    """The hits of one event are one suspicion."""
    return ()


def _suspicion(serving: Serving, group: list[Hit], event: Mapping, scored: Scored) -> Suspicion:
    strongest = max(group, key=lambda hit: (Severity(hit.severity).rank, hit.weight))
    return Suspicion(
        engine=serving.engine.name,
        family=strongest.family,
        subject_kind=strongest.subject_kind,
        subject=strongest.subject,
        customer_id=event["customer_id"],
        severity=strongest.severity,
        risk_score=scored.verdict.risk_score,
        amount_minor=event["amount_minor"],
        rule=strongest.rule,
        reason=strongest.reason,
        hits=len(group),
    )


def _hit_row(assessment_id: int, alert_id: int | None, hit: Hit) -> tuple:
    return (
        assessment_id,
        alert_id,
        hit.rule,
        hit.rule_version,
        hit.family,
        hit.subject_kind,
        hit.subject,
        hit.severity,
        hit.confidence,
        hit.weight,
        hit.reason[:500],
        json.dumps(hit.metadata),
        _is_snoozed(hit),
    )


def _is_snoozed(hit: Hit) -> bool:
    return "snoozed" in hit.metadata
