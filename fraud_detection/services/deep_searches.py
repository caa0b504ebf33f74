"""Round trips that the search inside a decision was too short for: a worker looks further and alerts.

The decision stays as it was made. What is found later is a hit of its own, marked late, on its assessment.
"""

from datetime import datetime
from typing import Any

import numpy as np
import structlog
from django.db import OperationalError, connection, transaction

from alerts.services import Suspicion, raise_alerts
from fraud_detection.models import Assessment, DeepSearch, RuleHit
from fraud_detection.policy import combined_risk
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.known_events import values_of_stored
from fraud_detection.services.measuring.aml import measured_trip
from fraud_detection.services.measuring.aml.findings import round_trip_path
from fraud_detection.services.measuring.aml.round_trips import DEEP
from fraud_detection.services.payment_events import subjects_of
from fraud_detection.services.recording import unpacked
from fraud_detection.services.rule_shares import outcomes_of
from fraud_detection.services.scoring import Hit, hit_of, values_of
from fraud_detection.services.serving import EngineNotInstalled, Serving, serving
from logs.services import record
from ml.domains.aml.measured_features import round_trip_features
from ml.features.kernel import evaluate_one
from transactions.models import Transaction

ENGINE, RULE = "aml", "RoundTripRule"
AT_ONCE = 50  # searches of one run; the next begins where it ended
PATIENCE_MS = 20_000
OUT_OF_TIME = "57014"
log = structlog.get_logger(__name__)


def search_deeper(now: datetime, *, at_once: int = AT_ONCE) -> int:
    """Do the oldest searches that wait; how many. Each is claimed, so that several workers share them."""
    try:
        state = serving(ENGINE)
    except EngineNotInstalled:
        return 0
    for done in range(at_once):
        if not _search_one(state, now):
            return done
    return at_once


@transaction.atomic
def _search_one(state: Serving, now: datetime) -> bool:
    waiting = DeepSearch.objects.select_for_update(skip_locked=True).order_by("event").first()
    if waiting is None:
        return False
    event = Transaction.objects.get(pk=waiting.event_id)
    assessment = Assessment.objects.filter(transaction=event, engine=ENGINE).first()
    if assessment is not None:
        _look_again(state, event, assessment, now)
    waiting.delete()
    return True


def _look_again(state: Serving, event: Transaction, assessment: Assessment, now: datetime) -> None:
    if assessment.feature_set_version != state.engine.feature_set.version:
        log.warning("deep_search_outdated", assessment=assessment.pk)
        return
    if assessment.hits.filter(rule=RULE).exists():
        return
    row = _row(event)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local statement_timeout = {PATIENCE_MS}")
            measures = measured_trip(row, DEEP)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != OUT_OF_TIME:
            raise
        log.warning("deep_search_gave_up", assessment=assessment.pk)
        return
    hit = _hit(state, assessment, event, measures) if measures["trip.hops"] else None
    if hit is not None:
        hit.metadata.update(round_trip_path(row, hit.metadata, DEEP))
        _record_late(assessment, event, hit, now)


def _row(event: Transaction) -> dict[str, Any]:
    names = ("id", "occurred_at", "type", "sender_key", "receiver_key", "amount_minor")
    return {name: getattr(event, name) for name in names}


def _hit(
    state: Serving, assessment: Assessment, event: Transaction, measures: dict[str, int | None]
) -> Hit | None:
    """What the rule in force says of the recorded features with the round trip that was found since."""
    feature_set = state.engine.feature_set
    found = evaluate_one(feature_set, [None] * len(feature_set.primitives), measures)
    numbers = np.array(unpacked(assessment.features))
    for feature in round_trip_features():
        place = feature_set.numbers.index(feature.name)
        numbers[place] = found[place]
    subjects = subjects_of(values_of_stored(event))
    values = values_of(state, FeatureValues(numbers, dict(assessment.texts)))
    outcomes, versions = outcomes_of(state, values, subjects["customer"])
    ruled = next((hit for hit in outcomes.hits if hit.rule.code == RULE), None)
    return hit_of(ruled, subjects, versions) if ruled else None


def _record_late(assessment: Assessment, event: Transaction, hit: Hit, now: datetime) -> None:
    weighed = [*assessment.hits.filter(snoozed=False), hit]
    suspicion = Suspicion(
        engine=ENGINE,
        family=hit.family,
        subject_kind=hit.subject_kind,
        subject=hit.subject,
        customer_id=event.customer_id,
        severity=hit.severity,
        risk_score=round(100 * combined_risk(assessment.fraud_probability, weighed), 2),
        amount_minor=event.amount_minor,
        rule=hit.rule,
        reason=hit.reason,
        hits=1,
    )
    (alert_id,) = raise_alerts([suspicion], at=now)
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
    record(
        "alert.found_later",
        actor_kind="system",
        actor="deep_search",
        subject_kind="alert",
        subject=str(alert_id),
        after={"assessment": assessment.pk, "rule": hit.rule},
    )
