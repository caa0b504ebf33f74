"""Models in shadow: scored beside the champion on every road, and never a part of the decision."""

import pytest
from django.utils import timezone

from fraud_detection.models import Assessment, ModelVersion
from fraud_detection.predictor import model_path
from fraud_detection.services import serving
from fraud_detection.services.comparing import compare_with_champion
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.model_registry import register
from fraud_detection.services.model_stages import promote, retire, start_shadow
from fraud_detection.services.predictions import predict_payment
from fraud_detection.services.recording import unpacked
from logs.metrics import SHADOW_FAILURES
from ml.artifacts import Model
from ml.artifacts.calibration import Sigmoid
from ml.artifacts.scorers import EstimatorScorer
from transactions.models import Transaction
from transactions.services import record_labels

pytestmark = pytest.mark.django_db
ANA, BEN = "ana@example.com", "ben@example.com"


class Constant:
    """An estimator that says the same of every event, or raises, or answers with what is no number."""

    def __init__(self, probability: float | None):
        self.probability = probability

    def predict_proba(self, X):
        import numpy as np

        if self.probability is None:
            raise RuntimeError("out of order")
        return np.tile([1 - self.probability, self.probability], (len(X), 1))


@pytest.fixture
def shadow(champion, small_model):
    """shadow(0.9) puts a model in shadow that gives this probability to every event."""

    def make(probability: float | None) -> ModelVersion:
        import numpy as np

        scorer = EstimatorScorer(Constant(probability), np.zeros(len(small_model.card.features)))
        version = register(Model(scorer, Sigmoid(), small_model.card), created_by=ANA)
        started = start_shadow(version, acted_by=ANA)
        serving.forget()
        return started

    return make


def failures(version: ModelVersion) -> float:
    return SHADOW_FAILURES.labels(version.engine, str(version))._value.get()


@pytest.mark.parametrize("many", [False, True])
def test_its_score_stands_beside_the_champion_s(shadow, champion, payment, client_system, many):
    shadow(0.9)
    records = [payment(), payment()] if many else [payment()]
    for decided in decide_payments(records, client=client_system):
        assert (decided.body["model_version"], decided.body["decision"]) == ("payments-1", "approve")
        assert not decided.body["degraded"]
    for record in Assessment.objects.all():
        assert record.shadow_scores == {"payments-2": pytest.approx(0.9, abs=2e-6)}
        assert record.fraud_probability < 0.5


@pytest.mark.parametrize("many", [False, True])
def test_a_real_model_scores_in_shadow_what_it_would_serve(
    champion, small_model, payment, client_system, many
):
    twin = register(small_model, created_by=ANA)
    start_shadow(twin, acted_by=ANA)
    serving.forget()
    records = [payment(amount=f"{9 + n}.00") for n in range(3)]
    decide_payments(records if many else records[:1], client=client_system)
    for record in Assessment.objects.all():
        assert record.shadow_scores == {"payments-2": record.fraud_probability}


@pytest.mark.parametrize("probability", [None, float("nan")])
@pytest.mark.parametrize("many", [False, True])
def test_a_failing_shadow_is_counted_and_costs_the_decision_nothing(
    shadow, payment, client_system, many, probability
):
    version = shadow(probability)
    before = failures(version)
    records = [payment(), payment()] if many else [payment()]
    for decided in decide_payments(records, client=client_system):
        assert (decided.body["decision"], decided.body["degraded_parts"]) == ("approve", [])
    assert [record.shadow_scores for record in Assessment.objects.all()] == [{"payments-2": None}] * len(
        records
    )
    assert failures(version) == before + len(records)


def test_a_shadow_whose_file_is_damaged_scores_nothing(shadow, payment, client_system):
    version = shadow(0.9)
    model_path(version.path).write_bytes(b"")
    serving.forget()
    body = decide_payment(payment(), client=client_system).body
    assert (body["decision"], body["degraded"]) == ("approve", False)
    assert Assessment.objects.get().shadow_scores == {"payments-2": None}


def test_without_a_shadow_nothing_is_stored(champion, payment, client_system):
    decide_payments([payment(), payment()], client=client_system)
    decide_payment(payment(), client=client_system)
    assert set(Assessment.objects.values_list("shadow_scores", flat=True)) == {None}


def test_a_prediction_and_a_retired_model_leave_no_scores(shadow, payment, client_system):
    version = shadow(0.9)
    predict_payment(payment(), client=client_system)
    retire(version, acted_by=ANA)
    serving.forget()
    decide_payment(payment(), client=client_system)
    assert Assessment.objects.get().shadow_scores is None


class TestComparison:
    def test_there_is_none_without_scores(self, shadow):
        assert compare_with_champion(shadow(0.9)) is None

    def test_alerts_agreement_and_precision(self, shadow, payment, drain, client_system):
        """The shadow would stop everything; the champion stops the transfer that empties an account."""
        version = shadow(0.9)
        calm = [decide_payment(payment(), client=client_system).body for _ in range(3)]
        drained = decide_payment(drain(), client=client_system).body
        assert [one["decision"] for one in [*calm, drained]] == ["approve"] * 3 + ["review"]
        label(drained, "fraud")
        label(calm[0], "legitimate")
        found = compare_with_champion(version)
        assert (found.scored, found.failed, found.agree) == (4, 0, 1)
        assert (found.only_champion, found.only_shadow, found.agreement) == (0, 3, 0.25)
        assert (found.champion.alerts, found.champion.labelled, found.champion.precision) == (1, 1, 1.0)
        assert (found.shadow.alerts, found.shadow.labelled, found.shadow.precision) == (4, 2, 0.5)
        assert (found.same_number.alerts, found.same_number.frauds) == (1, 1)
        assert (found.labelled, found.frauds) == (2, 1)

    def test_rules_count_for_both(self, shadow, drain, client_system):
        version = shadow(0.0)
        assert decide_payment(drain(), client=client_system).body["decision"] == "review"
        found = compare_with_champion(version)
        assert (found.shadow.alerts, found.agreement) == (1, 1.0)

    def test_failures_are_said(self, shadow, payment, client_system):
        version = shadow(None)
        decide_payment(payment(), client=client_system)
        found = compare_with_champion(version)
        assert (found.scored, found.failed, found.agreement) == (0, 1, None)

    def test_a_model_that_served_since_is_compared_by_what_it_scored_in_shadow(
        self, shadow, payment, client_system
    ):
        version = shadow(0.1)
        decide_payment(payment(), client=client_system)
        promote(version, approved_by=BEN)
        serving.forget()
        decide_payment(payment(), client=client_system)
        assert compare_with_champion(version).scored == 1


def label(body: dict, verdict: str) -> None:
    event = Transaction.objects.get(transaction_id=body["transaction_id"])
    record_labels([event.pk], verdict=verdict, source="analyst", known_at=timezone.now())


def test_shadows_replay_as_the_decision_was(shadow, payment, client_system):
    from fraud_detection.services.replaying import replay

    shadow(0.9)
    decide_payment(payment(), client=client_system)
    record = Assessment.objects.get()
    assert replay(record).equal and len(unpacked(record.features)) > 0
