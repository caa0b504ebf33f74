"""What every registered engine keeps to; a new one arrives tested."""

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, EngineState
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.engine_setup import install
from fraud_detection.services.evaluating import generated_week
from fraud_detection.services.features import without_history
from fraud_detection.services.scoring import score
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from ml.data_generation.planted import PlantedEvent

engines = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())


@engines
def test_codes_are_unique_and_families_are_named(engine):
    codes = [spec.code for spec in engine.pack]
    assert len(codes) == len(set(codes)) >= 1
    assert all(spec.family and spec.description and spec.reason for spec in engine.pack)


@engines
def test_rules_read_only_declared_features(engine):
    declared = {*engine.feature_set.names, *engine.context}
    rules = RuleSet.build(engine.pack, engine.feature_set, engine.context)
    assert set(rules.names) <= declared
    assert {name for spec in engine.pack for name in spec.evidence} <= declared


@engines
def test_context_does_not_hide_features(engine):
    assert not set(engine.context) & set(engine.feature_set.names)


@engines
def test_without_any_value_no_rule_fires_and_none_fails(engine):
    rules = RuleSet.build(engine.pack, engine.feature_set, engine.context)
    outcomes = rules.evaluate([None] * len(rules.vocabulary.kinds))
    assert outcomes.hits == () and outcomes.failed == ()
    assert {*outcomes.not_evaluable, *outcomes.insufficient} == {spec.code for spec in engine.pack}


@engines
def test_thresholds_stand_in_order(engine):
    assert 0 <= engine.review_from <= engine.decline_from <= 100


@engines
@pytest.mark.django_db
def test_without_a_model_the_fail_policy_decides(engine):
    install()
    serving.forget()
    state = serving.serving(engine.name)
    scored = score(state, without_history(engine.feature_set), {"customer": "C-1"}, [], at=timezone.now())
    assert scored.degraded_parts == ["model"]
    assert scored.verdict.decision == state.policy.fail_decision == "review"
    assert scored.verdict.fraud_probability is None and scored.hits == []


@engines
@pytest.mark.django_db
def test_what_is_in_force_is_what_was_shipped(engine):
    install()
    versions = EngineState.objects.get(engine=engine.name).rule_set.rule_versions.select_related("rule")
    assert {v.rule.code: v.definition for v in versions} == {s.code: s.as_data() for s in engine.pack}


@engines
def test_a_vector_without_history_is_all_missing(engine):
    features = without_history(engine.feature_set)
    assert len(features.numbers) == len(engine.feature_set.numbers) and np.isnan(features.numbers).all()


@engines
@pytest.mark.django_db
def test_what_happens_later_changes_no_feature(engine, client_system):
    install()
    serving.forget()
    week = [event.record for event in a_week_of(engine.name)]
    early, later = week[: len(week) // 2], week[len(week) // 2 :]
    alone = features_of(engine.name, [early], client_system)
    assert features_of(engine.name, [later, early], client_system) == alone
    assert len(alone) == len(early) > 10


def a_week_of(name):
    if name == "payments":
        from ml.domains.payments.generator import generate

        frame = generate(customers=20, days=7, fraud_rate=0.02, seed=3).drop(columns=["is_fraud", "scheme"])
        rows = frame.to_dict("records")
        return [PlantedEvent({k: v for k, v in row.items() if v is not None and v == v}) for row in rows]
    return generated_week(name, seed=1, scale=0.01)[-120:]


def features_of(name, batches, client):
    """The features of the last batch by event, decided after the ones before it; then all is undone."""
    with transaction.atomic():
        for records in batches:
            decided = list(evaluated(name, records, client))
        ids = [one.assessment_id for one in decided]
        stored = Assessment.objects.filter(pk__in=ids).values_list("external_id", "features")
        found = {external_id: bytes(packed) for external_id, packed in stored}
        transaction.set_rollback(True)
    return found


def evaluated(name, records, client):
    if name in SOURCES:
        return decide_events(name, records, client=client, quiet=True)
    return decide_payments(records, client=client, engine=name, quiet=True)
