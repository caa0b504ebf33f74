"""A stored decision replays from its record to the same score, whatever is in force now."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import Assessment, EngineState, FeatureSetVersion, PolicyVersion
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.replaying import NotReplayable, replay
from ml.domains.payments.generator import generate
from users.services import client_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(champion):
    frame = generate(customers=30, days=8, fraud_rate=0.1, seed=5, until=datetime(2026, 6, 1, tzinfo=UTC))
    records = [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
    return decide_payments(records, client=client_system("replay"))


def test_every_decision_replays_to_its_own_score(decided):
    assert len({d.body["decision"] for d in decided}) >= 2
    assert not any(d.body["degraded"] for d in decided)
    stopped = Assessment.objects.exclude(decision="approve").prefetch_related("hits")[:15]
    approved = Assessment.objects.filter(decision="approve").prefetch_related("hits")[:10]
    for assessment in (*stopped, *approved):
        again = replay(assessment)
        assert again.equal, assessment
        assert again.scored.reasons == assessment.reasons


def test_a_new_policy_does_not_change_what_a_record_says(decided):
    stopped = Assessment.objects.exclude(decision="approve").first()
    strict = PolicyVersion.objects.create(engine="payments", number=2, review_from=1, decline_from=2)
    EngineState.objects.update(policy=strict, revision=99)
    serving.forget()
    assert serving.serving("payments").policy.version == "payments-policy-2"
    assert replay(stopped).scored.verdict.decision == stopped.decision


def test_explain_decision_prints_the_reasons_and_the_same_score(decided, capsys):
    stopped = Assessment.objects.exclude(decision="approve").order_by("id").first()
    call_command("explain_decision", str(stopped.pk))
    printed = capsys.readouterr().out
    assert f"replayed to the same score: {stopped.risk_score}" in printed
    assert all(reason["text"] in printed for reason in stopped.reasons)


def test_what_is_gone_is_named(decided):
    assessment = Assessment.objects.first()
    FeatureSetVersion.objects.filter(pk=assessment.feature_set_version).delete()
    with pytest.raises(NotReplayable, match=assessment.feature_set_version):
        replay(assessment)
    with pytest.raises(CommandError, match="there is no decision 0"):
        call_command("explain_decision", "0")
