"""From a stored event to its recorded decision: features, score, assessment, hits and alerts."""

import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import DatabaseError, OperationalError, transaction

from alerts.services.webhooks.subscribing import publish_decisions
from fraud_detection.models import Assessment
from fraud_detection.services.announcing import Decided
from fraud_detection.services.features import FeatureValues, computed, without_history
from fraud_detection.services.measuring import MEASURES
from fraud_detection.services.recording import store_assessment, store_hits
from fraud_detection.services.releasing import release
from fraud_detection.services.responses import answer_of, decision_fields, recorded_fields
from fraud_detection.services.scoring import Scored, score
from fraud_detection.services.serving import Serving
from fraud_detection.services.shadow_rules import store_shadow_hits
from ml.domains.moments import microseconds

OUT_OF_TIME = "57014"  # the statement ran longer than DECISION_TIMEOUT_MS
log = structlog.get_logger(__name__)


def judged(
    state: Serving,
    event: Mapping[str, Any],
    subjects: Mapping[str, str | None],
    context: Mapping[str, Any],
    started: float,
) -> Decided:
    """Decide about an event that was just stored; `context` is what rules read beside its features."""
    stored = time.perf_counter()
    features, failed = features_of(state, event)
    features.texts.update(context)
    computed_at = time.perf_counter()
    scored = score(state, features, subjects, failed, at=event["received_at"])
    release(state, scored, client_id=event["client_id"], external_id=event[state.engine.id_field])
    scored.latency_us |= {
        "store": round((stored - started) * 1e6),
        "features": round((computed_at - stored) * 1e6),
        "total": round((time.perf_counter() - started) * 1e6),
    }
    return _recorded(state, event, features, scored)


def features_of(state: Serving, event: Mapping[str, Any]) -> tuple[FeatureValues, list[str]]:
    """The features, or none and the name of what failed; the savepoint keeps the event either way."""
    feature_set = state.engine.feature_set
    moment = event["occurred_at"]
    try:
        with transaction.atomic():
            columns = {**event, **measured(state, event), "occurred_at": microseconds(moment)}
            return computed(feature_set, columns, moment), []
    except DatabaseError as error:
        # A lost connection or a deadlock concerns the whole decision; running out of time only this part.
        if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) != OUT_OF_TIME:
            raise
        log.exception("features_failed", feature_set=feature_set.version, error=str(error))
    except Exception as error:  # whatever is wrong with a definition, it must not lose the event
        log.exception("features_failed", feature_set=feature_set.version, error=str(error))
    return without_history(feature_set), ["features"]


def measured(state: Serving, event: Mapping[str, Any]) -> dict[str, int | None]:
    """What only the engine's domain can ask the history of a stored event."""
    measure = MEASURES.get(state.engine.name)
    return measure(event, state.policy.settings) if measure else {}


def _recorded(state: Serving, event: Mapping[str, Any], features: FeatureValues, scored: Scored) -> Decided:
    at = event["received_at"]
    assessment_id = store_assessment(state, event, features, scored, at)
    store_hits(state, assessment_id, event, scored)
    store_shadow_hits(state.engine.name, [(assessment_id, scored.would_be)], at)
    decided = fresh_decision(state, assessment_id, event, scored)
    publish_decisions(state.engine.name, [decided.body], customers=[event["user_id"]])
    return decided


def fresh_decision(state: Serving, assessment_id: int, event: Mapping[str, Any], scored: Scored) -> Decided:
    """A decision that was just recorded, as it is answered and announced."""
    body = decision_fields(
        assessment_id=assessment_id,
        transaction_id=event[state.engine.id_field],
        at=event["received_at"],
        serving=state,
        scored=scored,
    )
    answer = answer_of(state.engine, body, event, scored.verdict.details, scored)
    return Decided(body, False, assessment_id, event["amount_minor"], answer)


def as_recorded(state: Serving, assessment: Assessment, event: Mapping[str, Any]) -> Decided:
    """A decision that was made before; `event` holds its fields as sent."""
    body = recorded_fields(assessment)
    answer = answer_of(state.engine, body, event, assessment.details, assessment)
    return Decided(body, True, assessment.pk, assessment.amount_minor, answer)
