"""The insurance rules on stored histories: what just fires, what just does not, and what is too little."""

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from alerts.models import Alert
from fraud_detection.models import Assessment, EngineState, PolicyVersion
from fraud_detection.services.engine_setup import install
from fraud_detection.services.recording import unpacked
from fraud_detection.services.sources import decide_event
from ml.domains.insurance.features import INSURANCE
from ml.domains.insurance.generator import generate
from ml.domains.insurance.schema import parse
from ml.domains.insurance.training import ANY_TIME, features, model_features
from users.models import ClientSystem

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_a_model(db):
    """The engine in force under a policy that does not hold every claim for want of a model."""
    install()
    policy = PolicyVersion.objects.create(
        engine="insurance", number=2, review_from=35, decline_from=60, fail_decision="approve"
    )
    EngineState.objects.filter(engine="insurance").update(policy=policy, revision=2)


@pytest.fixture
def claim(client_system: ClientSystem):
    """claim(ago=3, claimant_id="A") decides about a claim reported 3 days before NOW."""
    numbers = count(1)

    def decide(ago: float = 0, **fields):
        number = next(numbers)
        record = {
            "claim_id": f"C-{number}",
            "policy_id": f"P-{number}",
            "claim_amount": 1000,
            "estimated_value": 1000,
            "reported_at": (NOW - timedelta(days=ago)).isoformat(),
        }
        return decide_event("insurance", record | fields, client=client_system).answer

    return decide


def hits(answer) -> dict[str, dict]:
    return {alert["rule"]: alert for alert in answer["alerts"]}


def values(answer, rule: str) -> dict:
    evidence = hits(answer)[rule]["evidence"]
    return {part["name"]: part["value"] for part in evidence if part["kind"] == "value"}


def linked(answer, rule: str) -> list[tuple]:
    evidence = hits(answer)[rule]["evidence"]
    return [(part["claim_id"], part["shares"]) for part in evidence if part["kind"] == "claim"]


def silent(answer) -> tuple[list[str], list[str]]:
    stored = Assessment.objects.get(pk=answer["id"])
    return stored.not_evaluable, stored.insufficient


# What a claim says of itself: (fields that just fire, fields that just do not, fields that say too little,
# severity, confidence, weight, reason, evidence)
LOSS = "2025-08-20"
ALONE = {
    "PropertyInflationRule": (
        {"market_value": 1000, "estimated_value": 1300},
        {"market_value": 1000, "estimated_value": 1299.99},
        {"estimated_value": 9999},
        ("medium", 0.3, 30.0),
        "Market value 1,000.00: 1,300.00 stated, 1.3×, and 1,000.00 claimed, 1×",
        {
            "market_value": 1000,
            "estimated_value": 1300,
            "claim_amount": 1000,
            "estimate_over_market": 1.3,
            "claim_over_market": 1,
        },
    ),
    "EarlyClaimRule": (
        {"loss_date": LOSS, "policy_inception": "2025-06-21"},
        {"loss_date": LOSS, "policy_inception": "2025-06-20"},
        {"loss_date": LOSS},
        ("low", 0.15, 15.0),
        "Loss 60 days after the cover began or was raised",
        {"days_covered": 60, "days_since_inception": 60, "days_since_increase": None},
    ),
    "PreExpiryRule": (
        {"loss_date": LOSS, "policy_end": "2025-09-04", "renewed": False},
        {"loss_date": LOSS, "policy_end": "2025-09-05", "renewed": False},
        {"loss_date": LOSS, "policy_end": "2025-09-04"},
        ("low", 0.1, 10.0),
        "Loss 15 days before the end of a cover that was not renewed",
        {"days_to_end": 15, "renewed": 0},
    ),
    "LateReportRule": (
        {"loss_date": "2025-08-01", "product": "home"},
        {"loss_date": "2025-08-02", "product": "home"},
        {"product": "home"},
        ("low", 0.1, 10.0),
        "Reported 31 days after the loss, product home",
        {"report_delay_days": 31, "product": "home"},
    ),
    "NearLimitRule": (
        {"cover_limit": 1000, "claim_amount": 900},
        {"cover_limit": 1000, "claim_amount": 899.99, "peril": "fire"},
        {"claim_amount": 900},
        ("low", 0.15, 15.0),
        "900.00 claimed, 90% of the limit of 1,000.00",
        {
            "claim_amount": 900,
            "cover_limit": 1000,
            "limit_share": 0.9,
            "peril_p95": None,
            "peril_earlier_claims": None,
        },
    ),
    "DetailsChangedRule": (
        {"details_changed_at": "2025-08-02"},
        {"details_changed_at": "2025-08-01"},
        {},
        ("low", 0.15, 15.0),
        "Bank account, address or phone changed 30 days before the claim",
        {"details_changed_days": 30},
    ),
}


@pytest.mark.parametrize("rule", ALONE)
def test_a_rule_about_the_claim_alone(claim, rule):
    fires, does_not, too_little, (severity, confidence, risk), reason, evidence = ALONE[rule]
    answer = claim(**fires)
    assert list(hits(answer)) == [rule]
    hit = hits(answer)[rule]
    assert (hit["severity"], hit["confidence"], hit["reason"]) == (severity, confidence, reason)
    assert values(answer, rule) == evidence
    assert (answer["fraud_risk"], answer["handling"], answer["flagged"]) == (risk, "pay", False)
    assert hits(claim(**does_not)) == {}
    unknown = claim(**too_little)
    assert hits(unknown) == {} and rule in silent(unknown)[0]


def test_a_later_loss_than_reported_in_moments_counts_to_the_second(claim):
    late = {"loss_date": (NOW - timedelta(days=30)).isoformat(), "product": "home"}
    assert hits(claim(**late)) == {}
    assert "LateReportRule" in hits(claim(ago=-1 / 86_400, **late))


@pytest.mark.parametrize(("product", "fires"), [("Motor", True), ("home", False), (None, False)])
def test_a_motor_loss_is_late_sooner(claim, product, fires):
    said = {} if product is None else {"product": product}
    answer = claim(loss_date="2025-08-17", **said)
    assert ("LateReportRule" in hits(answer)) is fires
    assert ("LateReportRule" in silent(answer)[0]) is (product is None)
    assert hits(claim(loss_date="2025-08-18", product="motor")) == {}


@pytest.mark.parametrize(
    ("fields", "weight", "severity", "reason"),
    [
        ({"policy_inception": "2025-07-21"}, 25, "medium", "Loss 30 days after"),
        ({"policy_inception": "2025-07-20"}, 15, "low", "Loss 31 days after"),
        ({"policy_inception": "2025-08-24"}, 25, "medium", "Loss 4 days before"),
        ({"policy_inception": "2020-01-01", "last_cover_increase": "2025-08-10"}, 25, "medium",
         "Loss 10 days after"),
        ({"policy_inception": "2025-08-20"}, 25, "medium", "Loss 0 days after"),
    ],
)  # fmt: skip
def test_the_nearer_the_start_of_cover_the_more_an_early_loss_weighs(claim, fields, weight, severity, reason):
    answer = claim(loss_date=LOSS, **fields)
    hit = hits(answer)["EarlyClaimRule"]
    assert (answer["fraud_risk"], hit["severity"], hit["confidence"]) == (weight, severity, weight / 100)
    assert hit["reason"] == f"{reason} the cover began or was raised"


def test_an_increase_that_came_after_the_report_says_nothing(claim):
    answer = claim(loss_date=LOSS, policy_inception="2020-01-01", last_cover_increase="2025-09-02")
    assert answer["alerts"] == []


def test_confidence_in_an_inflated_value_grows_with_it(claim):
    ratios = {1.3: 0.3, 1.5: 0.4, 2.0: 0.65, 5.0: 0.95}
    found = [claim(market_value=1000, estimated_value=1000 * ratio) for ratio in ratios]
    confidences = [hits(answer)["PropertyInflationRule"]["confidence"] for answer in found]
    assert confidences == pytest.approx(list(ratios.values()))
    assert {answer["fraud_risk"] for answer in found} == {30.0}


def test_a_renewed_cover_and_changes_after_the_claim_do_not_count(claim):
    assert hits(claim(loss_date=LOSS, policy_end="2025-08-21", renewed=True)) == {}
    assert hits(claim(ago=5, details_changed_at="2025-08-28")) == {}
    ended = claim(loss_date=LOSS, policy_end="2025-08-18", renewed="false")
    assert "2 days after the end" in hits(ended)["PreExpiryRule"]["reason"]


def test_a_claim_above_its_peril_needs_fifty_earlier_ones(claim):
    for number in range(49):
        claim(ago=50 - number, peril="Fire", claim_amount=100 + number)
    early = claim(peril="fire", claim_amount=5000)
    assert hits(early) == {} and silent(early)[1] == ["NearLimitRule"]
    # 50 earlier ones now, the 48th of them is the 95th percentile: 147
    usual = claim(peril="fire ", claim_amount=147, cover_limit=1000)
    assert hits(usual) == {} and "NearLimitRule" not in [*silent(usual)[0], *silent(usual)[1]]
    high = claim(peril="FIRE", claim_amount=148)
    assert values(high, "NearLimitRule") == {
        "claim_amount": 148,
        "cover_limit": None,
        "limit_share": None,
        "peril_p95": 147,
        "peril_earlier_claims": 51,
    }
    assert hits(high)["NearLimitRule"]["reason"] == (
        "148.00 claimed; 95% of 51 earlier claims of this peril are at most 147.00"
    )


def test_a_third_claim_in_a_year_is_frequent(claim):
    first = claim(ago=365, claimant_id="A", peril="theft")
    claim(ago=100, claimant_id="A", peril="water")
    assert hits(claim(ago=10, claimant_id="A", peril="fire", policy_id="P-9"))["ClaimFrequencyRule"]
    last = claim(ago=-0.5, claimant_id="A", peril="storm")  # the first is older than a year by now
    assert values(last, "ClaimFrequencyRule") == {
        "claimant_claims_12m": 3,
        "claimant_peril_claims_12m": 1,
        "claimant_claimed_12m": 3000,
    }
    assert linked(last, "ClaimFrequencyRule") == [("C-3", []), ("C-2", [])]
    assert first["alerts"] == [] and hits(claim(claimant_id="B")) == {}


def test_two_claims_of_a_peril_are_frequent_and_an_unknown_peril_is_not_evaluable(claim):
    claim(ago=300, claimant_id="A", peril="Water damage")
    second = claim(claimant_id="A", peril="water-damage")
    assert (second["fraud_risk"], linked(second, "ClaimFrequencyRule")) == (20.0, [("C-1", ["peril"])])
    assert hits(second)["ClaimFrequencyRule"]["reason"] == (
        "2 claims in 12 months, 2 of this peril, 2,000.00 in all"
    )
    other = claim(claimant_id="B")
    assert "ClaimFrequencyRule" in silent(other)[0]


def test_without_a_claimant_the_policy_stands_for_one(claim):
    for ago in (3, 2):
        assert hits(claim(ago=ago, policy_id="FLEET")) == {}
    assert list(hits(claim(policy_id="FLEET"))) == ["ClaimFrequencyRule"]


@pytest.mark.parametrize("field", ["phone", "bank_account", "device_id"])
def test_what_three_claimants_share_links_them(claim, field):
    shared = {field: "+1 555 0100"}
    claim(ago=386, claimant_id="Z", **shared)  # too long ago
    claim(ago=300, claimant_id="A", **shared)
    assert hits(claim(ago=20, claimant_id="B", **shared)) == {}
    again = claim(ago=10, claimant_id="A", **shared)  # nobody new
    assert "SharedIdentityRule" not in hits(again)
    third = claim(claimant_id="C", **shared)
    assert third["fraud_risk"] == 30.0
    assert linked(third, "SharedIdentityRule") == [("C-4", [field]), ("C-3", [field]), ("C-2", [field])]
    claimants = [p for p in hits(third)["SharedIdentityRule"]["evidence"] if p["kind"] == "claimant"]
    assert claimants == [
        {"kind": "claimant", "claimant_id": "A", "shares": [field]},
        {"kind": "claimant", "claimant_id": "B", "shares": [field]},
    ]
    entity = {"bank_account": "bank", "device_id": "device"}.get(field, field)
    assert values(third, "SharedIdentityRule")[f"{entity}_other_claimants_12m"] == 2


def test_a_phone_is_the_same_however_it_is_written(claim):
    for claimant, phone in (("A", "+1 555 0100"), ("B", "+1-555-0100"), ("C", "+15550100")):
        answer = claim(claimant_id=claimant, phone=phone)
    assert list(hits(answer)) == ["SharedIdentityRule"]


def test_an_identity_nobody_gave_is_not_evaluable(claim):
    assert "SharedIdentityRule" in silent(claim(claimant_id="A", phone="1"))[0]
    given = claim(claimant_id="A", phone="1", bank_account="2", device_id="3")
    assert "SharedIdentityRule" not in silent(given)[0]


DUPLICATE = {"object_id": "AB-123", "loss_date": "2025-08-20", "claim_amount": 1000}


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({"loss_date": "2025-08-22", "claim_amount": 1050}, True),
        ({"loss_date": "2025-08-18", "claim_amount": 950}, True),
        ({"loss_date": "2025-08-23"}, False),
        ({"claim_amount": 1050.01}, False),
        ({"claim_amount": 949.99}, False),
        ({"object_id": "ab 123"}, True),
        ({"object_id": "AB-124"}, False),
    ],
)
def test_a_claim_like_an_earlier_one_is_a_duplicate(claim, changes, fires):
    claim(ago=3, **DUPLICATE)
    answer = claim(**(DUPLICATE | changes))
    assert ("DuplicateClaimRule" in hits(answer)) is fires
    expected = (90.0, "special investigation", "review", True) if fires else (0.0, "pay", "approve", False)
    found = tuple(answer[name] for name in ("fraud_risk", "handling", "decision", "flagged"))
    assert found == expected
    if fires:
        hit = hits(answer)["DuplicateClaimRule"]
        assert (hit["severity"], hit["confidence"]) == ("critical", 0.9)
        assert linked(answer, "DuplicateClaimRule") == [("C-1", ["object_id", "loss_date", "claim_amount"])]


def test_the_evidence_of_a_duplicate_names_the_earlier_claim(claim):
    claim(ago=5, **(DUPLICATE | {"loss_date": "2025-08-10", "claim_amount": 400}))
    claim(ago=4, claimant_id="A", **DUPLICATE)
    answer = claim(**(DUPLICATE | {"loss_date": "2025-08-21", "claim_amount": 1020}))
    assert values(answer, "DuplicateClaimRule") == {
        "duplicate_loss_days": 1,
        "duplicate_amount_difference": 0.02,
        "object_near_claims": 2,
        "document_earlier_claims": None,
    }
    [part] = [p for p in hits(answer)["DuplicateClaimRule"]["evidence"] if p["kind"] == "claim"]
    assert part == {
        "kind": "claim",
        "claim_id": "C-2",
        "policy_id": "P-2",
        "claimant_id": "A",
        "object_id": "AB-123",
        "claim_amount": 1000.0,
        "loss_date": "2025-08-20",
        "reported_at": "2025-08-28T12:00:00.000000Z",
        "shares": ["object_id", "loss_date", "claim_amount"],
    }


def test_a_report_of_today_without_a_time_comes_after_what_today_has_seen(client_system):
    today = datetime.now(UTC).date().isoformat()
    same = {"policy_id": "P", "claim_amount": 1000, "estimated_value": 1000, "document_hash": "D"}
    decide_event("insurance", same | {"claim_id": "C-1"}, client=client_system)
    twice = same | {"claim_id": "C-2", "reported_at": today}
    assert "DuplicateClaimRule" in hits(decide_event("insurance", twice, client=client_system).answer)


def test_a_document_is_handed_in_once(claim):
    claim(ago=700, document_hash="9F86D081")
    answer = claim(document_hash="9f86d081")
    assert linked(answer, "DuplicateClaimRule") == [("C-1", ["document_hash"])]
    assert hits(answer)["DuplicateClaimRule"]["reason"] == (
        "An earlier claim is like this one; 1 earlier claims hand in its document"
    )
    alone = claim(document_hash="aaaa")
    assert hits(alone) == {} and "DuplicateClaimRule" in silent(alone)[0]  # no object was named


COVERED = {"object_id": "AB-123", "cover": "collision", "claim_amount": 700}


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({}, True),
        ({"cover": "Collision "}, True),
        ({"cover": "theft"}, False),
        ({"policy_id": "P-1"}, False),
        ({"policy_inception": "2025-06-30", "policy_end": "2026-06-30"}, True),
        ({"policy_inception": "2025-07-01", "policy_end": "2026-07-01"}, False),
    ],
)
def test_a_cover_on_two_policies_counts_unless_one_follows_the_other(claim, changes, fires):
    claim(ago=90, policy_inception="2024-07-01", policy_end="2025-07-01", **COVERED)
    answer = claim(**(COVERED | changes))
    assert ("MultiPolicyRule" in hits(answer)) is fires
    if fires:
        assert values(answer, "MultiPolicyRule")["object_policies"] == 2
        assert linked(answer, "MultiPolicyRule") == [("C-1", ["object_id", "cover"])]
        policies = [
            p["policy_id"] for p in hits(answer)["MultiPolicyRule"]["evidence"] if p["kind"] == "policy"
        ]
        assert policies == ["P-1", "P-2"]


def test_an_object_without_a_cover_is_not_evaluable(claim):
    assert "MultiPolicyRule" in silent(claim(object_id="AB-123"))[0]


def test_weights_join_and_thresholds_decide_what_becomes_of_a_claim(claim):
    review = claim(market_value=700, details_changed_at="2025-08-31")
    assert (review["fraud_risk"], review["handling"], review["flagged"]) == (40.5, "review", True)
    more = {"loss_date": LOSS, "policy_inception": LOSS, "cover_limit": 1000}
    grave = claim(market_value=700, details_changed_at="2025-08-31", **more)
    # 1 - .7 x .85 x .75 x .85
    assert grave["fraud_risk"] == 62.07
    assert (grave["handling"], grave["decision"]) == ("special investigation", "review")
    assert grave["fraud_probability"] == 0.6207


def test_a_claim_opens_one_alert_under_its_gravest_rule(claim):
    about = DUPLICATE | {"market_value": 500, "claimant_id": "A"}
    claim(ago=3, **about)
    assert not Alert.objects.exists()  # 30 of 100: paid
    answer = claim(details_changed_at="2025-08-31", **about)
    alert = Alert.objects.get()
    assert (alert.engine, alert.family, alert.rule) == ("insurance", "duplicate", "DuplicateClaimRule")
    assert (alert.severity, alert.subject_kind, alert.subject) == ("critical", "object", "AB-123")
    assert set(alert.hits.values_list("rule", flat=True)) == set(hits(answer))
    assert len(hits(answer)) == alert.hit_count == 3


def test_what_is_served_is_what_models_are_trained_on(claim):
    """The features of stored claims, one by one from the database, are those computed in bulk."""
    records = generate(claims=40, seed=7, until=NOW, days=200)
    for record in records[:20]:  # some people claim again, with what they had in common
        again = dict(record) | {"claim_id": record["claim_id"] + "-2", "document_hash": "again"}
        again["reported_at"] = (NOW - timedelta(days=1)).isoformat()
        records.append(again | {"claimant_id": record["claimant_id"][:-1]})
    answers = [claim(**record) for record in records]
    stored = Assessment.objects.in_bulk([answer["id"] for answer in answers])
    served = np.array([unpacked(stored[answer["id"]].features) for answer in answers])
    bulk, _ = features([parse(record, now=ANY_TIME) for record in records])
    place = [INSURANCE.numbers.index(name) for name in model_features()]
    np.testing.assert_array_equal(served[:, place], bulk[:, place])


def test_later_claims_change_nothing_of_earlier_ones(claim):
    """Claims that happened later, or are told later, are not history of this one."""
    about = {"claimant_id": "A", "phone": "1", "peril": "fire", "provider_id": "G", **DUPLICATE, "cover": "x"}
    for number in range(3):
        claim(ago=-1 - number, **(about | {"claimant_id": f"Z{number}"}))
    answer = claim(document_hash="d", **about)
    assert answer["alerts"] == []
