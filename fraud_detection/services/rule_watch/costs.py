"""What a rule costs: rules run as one function, so each is timed alone over stored events."""

import time
from collections.abc import Sequence
from typing import Any

import structlog

from fraud_detection.models import Assessment, EngineState, RuleVersion
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.recording import unpacked
from fraud_detection.services.scoring import values_of
from fraud_detection.services.serving import Serving, serving

EVENTS, ROUNDS = 200, 5
log = structlog.get_logger(__name__)


def costs(engine: str, lists: dict[str, frozenset[str]]) -> tuple[dict[int, float], int]:
    """Microseconds an event by rule id, each rule's own function over the newest stored events; how many.

    The quickest of ROUNDS counts: the others were disturbed. Reading the values and building hits is in it;
    together in one function rules cost less than this in sum, because they share the reading.
    """
    state = serving(engine)
    sample = _sample(state)
    if not sample:
        return {}, 0
    in_force = EngineState.objects.select_related("rule_set").get(engine=engine).rule_set
    versions = [*in_force.rule_versions.select_related("rule").order_by("number")]
    found = {}
    for version in versions:
        rules = _alone(state, version, lists)
        if rules is not None:
            found[version.rule_id] = min(_timed(rules, sample) for _ in range(ROUNDS))
    return found, len(sample)


def _sample(state: Serving) -> list[Sequence[Any]]:
    feature_set = state.engine.feature_set.version
    newest = Assessment.objects.filter(engine=state.engine.name, feature_set_version=feature_set)
    rows = newest.order_by("-decided_at", "-id").values_list("features", "texts")[:EVENTS]
    return [values_of(state, FeatureValues(unpacked(features), texts)) for features, texts in rows]


def _alone(state: Serving, version: RuleVersion, lists: dict[str, frozenset[str]]) -> RuleSet | None:
    try:
        spec = RuleSpec.from_data(version.definition)
        return RuleSet.build([spec], state.engine.feature_set, state.engine.context, lists)
    except (ValueError, TypeError) as error:
        log.warning("rule_not_timed", rule=str(version), error=str(error))
        return None


def _timed(rules: RuleSet, sample: list[Sequence[Any]]) -> float:
    started = time.perf_counter()
    for values in sample:
        rules.evaluate(values)
    return round((time.perf_counter() - started) * 1e6 / len(sample), 2)
