"""The credit engine: overrides at their edges, too little data, the model's say, replay and refusals."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from alerts.models import Alert
from fraud_detection.engines.credit import SETTINGS
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services import serving
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.model_registry import promote_first, register
from fraud_detection.services.policies import PolicyRefused, draft_policy
from fraud_detection.services.replaying import replay
from fraud_detection.services.sources import decide_event, decide_events
from ml.domains.fields import RecordRefused
from transactions.models import CreditApplication

NAMED_WRONG = SETTINGS["scorecard"]["characteristics"][0] | {"name": "age"}
pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOOD = {
    "monthly_income": 5_000,
    "verified_income": 5_000,
    "employment_length": 80,
    "requested_amount": 3_000,
    "monthly_debt": 500,
    "revolving_balance": 500,
    "revolving_limit": 10_000,
    "worst_delinquency_24m": 0,
    "oldest_account_months": 200,
    "inquiries_6m": 0,
    "inquiries_7d": 0,
    "public_records": 0,
    "account_types": 3,
    "address_months": 150,
    "liquid_assets": 20_000,
    "monthly_expenses": 2_000,
}


@pytest.fixture(scope="session")
def credit_model():
    from ml.domains.credit.training import train_bootstrap

    return train_bootstrap(seed=1)


@pytest.fixture
def engine(payments_engine, credit_model, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    version = register(credit_model, created_by="tests")
    assert promote_first(version, created_by="tests")
    serving.forget()


@pytest.fixture
def apply(engine, client_system):
    def send(applicant="A-1", at=NOON, **changes):
        values = {name: value for name, value in (GOOD | changes).items() if value is not None}
        record = {"applicant_id": applicant, "occurred_at": at.isoformat(), **values}
        return decide_event("credit", record, client=client_system)

    return send


def test_a_good_application_is_approved(apply):
    answer = apply().answer
    # 18 + 6 + 15 + 14 + 11 + 14 + 18 + 11 + 9 + 12 + 9 points above 660
    assert (answer["credit_score"], answer["decision"], answer["risk_tier"]) == (797, "APPROVED", "LOW")
    assert answer["alerts"] == [] and set(answer["factors"].values()) == {1.0}
    assert answer["degraded"] is False and answer["model_version"] == "credit-1"


@pytest.mark.parametrize(
    ("rule", "fires", "not_quite", "missing", "decision", "evidence"),
    [
        (
            "BANKRUPTCY_24M",
            {"public_records": 1, "public_record_months_ago": 24},
            {"public_records": 1, "public_record_months_ago": 25},
            {"public_records": 1},
            "DECLINED",
            {"public_records": 1, "public_record_months": 24},
        ),
        (
            "HIGH_DEBT_TO_INCOME",
            {"monthly_debt": 2_500},
            {"monthly_debt": 2_499},
            {"monthly_debt": None},
            "REFERRED",
            {"debt_to_income": 0.5},
        ),
        (
            "THIN_FILE",
            {"oldest_account_months": 5, "account_types": 1},
            {"oldest_account_months": 6, "account_types": 1},
            {"oldest_account_months": None, "account_types": 1},
            "REFERRED",
            {"oldest_account_months": 5, "account_types": 1},
        ),
        (
            "LOAN_STACKING",
            {"inquiries_7d": 3},
            {"inquiries_7d": 2},
            {"inquiries_7d": None},
            "REFERRED",
            {"inquiries_7d": 3},
        ),
        (
            "INCOME_MISMATCH",
            {"verified_income": 3_333},
            {"verified_income": 3_334},
            {"verified_income": None},
            "REFERRED",
            {"income_over_verified": 5_000 / 3_333},
        ),
    ],
)
def test_overrides_at_their_edges(apply, rule, fires, not_quite, missing, decision, evidence):
    hit = apply(**fires)
    found = RuleHit.objects.get(assessment_id=hit.assessment_id, rule=rule)
    assert hit.answer["decision"] == decision
    assert {name: found.metadata[name] for name in evidence} == evidence
    assert [a["code"] for a in hit.answer["alerts"] if a["type"] == "override"] == [rule]
    close = apply("A-2", **not_quite)
    assert not RuleHit.objects.filter(assessment_id=close.assessment_id, rule=rule).exists()
    absent = apply("A-3", **missing)
    assert rule in Assessment.objects.get(pk=absent.assessment_id).not_evaluable


@pytest.mark.parametrize(
    ("change", "points", "reason"),
    [
        ({"monthly_income": 0}, {"debt_to_income": -39, "amount_to_income": -27}, "more than 1,000%"),
        ({"revolving_limit": 0}, {"utilisation": -48}, "Revolving utilisation too high: more than 1,000%"),
        ({"monthly_expenses": 0}, {"liquidity": 14}, None),
        ({"revolving_limit": 0, "revolving_balance": 0}, {"utilisation": -5}, "not given"),
    ],
)
def test_what_stands_against_nothing_is_scored_as_the_most(apply, change, points, reason):
    answer = apply(**change).answer
    stored = Assessment.objects.get(pk=answer["id"])
    assert {name: stored.details["points"][name] for name in points} == points
    assert reason is None or reason in answer["alerts"][0]["message"]
    assert replay(stored).equal


def test_no_income_at_all_is_looked_at_by_people(apply):
    overrides = {
        case: [a["code"] for a in apply(case, **change).answer["alerts"] if a["type"] == "override"]
        for case, change in {"none": {"monthly_income": 0}, "unproved": {"verified_income": 0}}.items()
    }
    assert overrides == {"none": ["HIGH_DEBT_TO_INCOME"], "unproved": ["INCOME_MISMATCH"]}


def test_three_applications_from_one_device_in_a_week(apply):
    shared = {"device_id": "D-1", "identity_hash": "same"}
    times = (NOON - timedelta(days=7), NOON - timedelta(hours=1), NOON)  # at noon the first is outside
    assert [apply("A-1", at, **shared).answer["decision"] for at in times] == ["APPROVED"] * 3
    third = apply("A-1", NOON, **shared)
    hit = RuleHit.objects.get(assessment_id=third.assessment_id)
    ids = CreditApplication.objects.order_by("-occurred_at", "-id").values_list("application_id", flat=True)
    assert (hit.rule, third.answer["decision"]) == ("APPLICATION_VELOCITY", "REFERRED")
    assert (hit.metadata["device_applications_7d"], hit.metadata["device_identities_7d"]) == (3, 1)
    assert hit.metadata["events"] == list(ids[:3])


def test_two_identities_from_one_phone_in_a_week(apply):
    first = apply("A-1", phone="555")
    second = apply("A-2", NOON + timedelta(hours=1), phone="555")
    assert (first.answer["decision"], second.answer["decision"]) == ("APPROVED", "REFERRED")
    hit = RuleHit.objects.get(assessment_id=second.assessment_id)
    assert (hit.rule, hit.metadata["phone_identities_7d"]) == ("APPLICATION_VELOCITY", 2)
    assert (hit.subject_kind, hit.subject) == ("customer", "A-2")  # there is no device to be about


def test_four_missing_characteristics_refer_whatever_the_score(apply):
    names = ("liquid_assets", "account_types", "address_months", "inquiries_6m")
    three = apply("A-1", **dict.fromkeys(names[:3]))
    four = apply("A-2", **dict.fromkeys(names))
    assert (three.answer["decision"], four.answer["decision"]) == ("APPROVED", "REFERRED")
    assert four.answer["alerts"][0]["message"] == "Not enough data: 4 of 11 characteristics are missing"
    bankrupt = apply("A-3", **dict.fromkeys(names), public_records=1, public_record_months_ago=3)
    assert bankrupt.answer["decision"] == "DECLINED"


def test_a_referral_without_an_override_is_the_scorecards(apply):
    referred = apply(worst_delinquency_24m=90, inquiries_6m=5)  # 86 and 49 points below the best
    assert (referred.answer["credit_score"], referred.answer["decision"]) == (662, "REFERRED")
    alert = Alert.objects.get()
    assert (alert.rule, alert.family, alert.customer.external_id) == ("SCORECARD", "scorecard", "A-1")
    assert alert.reason == referred.answer["reasons"][0]["text"]


def test_who_has_no_account_has_no_oldest_one(apply):
    none = apply(account_types=0, oldest_account_months=None).answer
    assert none["credit_score"] == 797 - 21 - 48  # kinds -12 for +9, oldest account -30 for +18
    assert [a["code"] for a in none["alerts"] if a["type"] == "override"] == ["THIN_FILE"]


def test_without_the_model_an_approval_is_referred(payments_engine, client_system):
    serving.forget()
    decided = decide_event("credit", {"applicant_id": "A-1", **GOOD}, client=client_system)
    assert (decided.answer["credit_score"], decided.answer["decision"]) == (797, "REFERRED")
    assert decided.answer["degraded_parts"] == ["model"]


def test_the_record_replays_to_the_same_decision(apply):
    stored = Assessment.objects.get(pk=apply(worst_delinquency_24m=60, inquiries_6m=5).assessment_id)
    again = replay(stored)
    assert again.equal and again.scored.verdict.details == stored.details


def test_a_decision_is_explained_by_its_points(apply, capsys):
    call_command("explain_decision", str(apply(inquiries_6m=5).assessment_id))
    said = capsys.readouterr().out
    assert "748 points: delinquency_days +18, public_record +6" in said and "inquiries_6m -38" in said
    assert "replayed to the same score" in said and "1 - (1 -" not in said


def test_an_id_is_decided_once(apply, client_system):
    first = apply(application_id="APP-1")
    again = apply(application_id="APP-1")
    assert again.replayed and again.answer == first.answer
    with pytest.raises(EventConflict, match="application_id 'APP-1' was sent before with another body"):
        apply(application_id="APP-1", monthly_income=6_000)
    assert CreditApplication.objects.count() == Assessment.objects.count() == 1


def test_without_an_id_each_application_is_new(apply):
    assert apply().answer["application_id"] != apply().answer["application_id"]
    assert CreditApplication.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sex": "f"}, "sex", "prohibited_basis"),
        ({"postcode": "1000"}, "postcode", "prohibited_basis"),
        ({"maritalStatus": "x"}, "maritalStatus", "prohibited_basis"),
        ({"Date-of-Birth": "x"}, "Date-of-Birth", "prohibited_basis"),
        ({"monthly_incme": 1}, "monthly_incme", "unknown_field"),
        ({"monthly_income": None}, "monthly_income", "required"),
        ({"monthly_income": -1}, "monthly_income", "too_small"),
        ({"employment_length": 2.5}, "employment_length", "not_whole"),
    ],
)
def test_refusals_name_the_field_and_store_nothing(apply, change, field, code):
    with pytest.raises(RecordRefused) as refused:
        apply(**change)
    assert (refused.value.problems[0].field, refused.value.problems[0].code) == (field, code)
    assert not CreditApplication.objects.exists() and not Assessment.objects.exists()


def test_what_comes_later_changes_nothing(apply):
    shared = {"device_id": "D-1"}
    for day in range(1, 4):
        apply(f"L-{day}", NOON + timedelta(days=day), **shared)
    early = apply("A-1", NOON, **shared)  # arrives last, happened first
    assert early.answer["decision"] == "APPROVED"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"most_missing": "3"}, "most_missing must be a whole number"),
        ({"most_missing": -1}, "most_missing must be a whole number"),
        ({"model_refer_from": True}, "model_refer_from must be a number"),
        ({"refer_from": 700}, "must ascend"),
        ({"scorecard": SETTINGS["scorecard"] | {"double": 0}}, "the scorecard does not compute"),
        ({"scorecard": SETTINGS["scorecard"] | {"characteristics": [NAMED_WRONG]}}, "'age' is no feature"),
    ],
)
def test_settings_that_could_not_decide_are_refused(engine, change, said):
    with pytest.raises(PolicyRefused, match=said):
        draft_policy("credit", author="ana@bank", reason="test", settings=change)


def test_many_stand_or_fall_alone(engine, client_system):
    records = [
        {"applicant_id": "A-1", **GOOD},
        {"applicant_id": "A-2"},
        {"applicant_id": "A-3", **GOOD},
    ]
    first, second, third = decide_events("credit", records, client=client_system)
    assert isinstance(second, RecordRefused)
    assert [first.answer["decision"], third.answer["decision"]] == ["APPROVED", "APPROVED"]
