"""Refitting the scorecard: new points, the same scaling, nothing in force before a second person says so."""

import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import EngineState, PolicyVersion
from fraud_detection.services import serving
from fraud_detection.services.policies import PolicyRefused, draft_policy
from fraud_detection.services.serving import serving as in_force
from fraud_detection.services.sources import decide_event
from ml.domains.credit.scorecard import Scorecard
from ml.domains.credit.shipped import SHIPPED
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    from ml.domains.credit.generator import generate

    path = tmp_path_factory.mktemp("outcomes") / "applications.csv"
    generate(rows=1_500, seed=5).to_csv(path, index=False)
    return path


def test_refitting_keeps_bins_and_scaling_and_waits_for_approval(
    payments_engine, client_system, outcomes, capsys
):
    call_command("refit_scorecard", outcomes, author="ana@example.org")
    drafted = PolicyVersion.objects.get(engine="credit", number=2)
    card = Scorecard.from_json(drafted.settings["scorecard"])
    assert [c.edges for c in card.characteristics] == [c.edges for c in SHIPPED.characteristics]
    assert (card.base, card.odds, card.double) == (660, 50, 30)
    assert [c.points for c in card.characteristics] != [c.points for c in SHIPPED.characteristics]
    assert "credit-policy-2 drafted" in capsys.readouterr().out
    assert str(EngineState.objects.get(engine="credit").policy) == "credit-policy-1"
    for email, role in (
        ("ana@example.org", "admin"),
        ("ben@example.org", "admin"),
        ("otto@example.org", "auditor"),
    ):
        User.objects.create_user(email, role=role)
    with pytest.raises(CommandError, match="nobody who may approve"):
        call_command("activate_policy", "credit-policy-2", approver="otto@example.org")
    with pytest.raises(CommandError, match="somebody else must approve"):
        call_command("activate_policy", "credit-policy-2", approver="ana@example.org")
    call_command("activate_policy", "credit-policy-2", approver="ben@example.org")
    serving.forget()
    answer = decide_event(
        "credit",
        {"applicant_id": "A-1", "monthly_income": 5_000, "employment_length": 80},
        client=client_system,
    ).answer
    assert answer["policy_version"] == "credit-policy-2"
    only = {"employment_months": 80.0}
    assert answer["credit_score"] == card.score(only) != SHIPPED.score(only)


def test_too_few_outcomes_are_refused(payments_engine, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("applicant_id,monthly_income,employment_length,default\na,1000,5,1\nb,2000,6,0\n")
    with pytest.raises(CommandError, match="1 defaults among 2 rows: 50 of each are needed"):
        call_command("refit_scorecard", path)
    assert PolicyVersion.objects.filter(engine="credit").count() == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scorecrd": {}}, "credit has no setting 'scorecrd'"),
        ({"scorecard": {"version": "x"}}, "settings do not hold: the scorecard lacks"),
        ({"approve_from": 500}, "refer_from, approve_from and low_risk_from must ascend"),
    ],
)
def test_settings_that_do_not_hold_are_refused(payments_engine, settings, message):
    with pytest.raises(PolicyRefused, match=message):
        draft_policy("credit", author="ana@example.org", reason="", settings=settings)
    assert PolicyVersion.objects.filter(engine="credit").count() == 1


def test_the_version_in_force_is_served(payments_engine):
    serving.forget()
    assert Scorecard.from_json(in_force("credit").policy.settings["scorecard"]) == SHIPPED
