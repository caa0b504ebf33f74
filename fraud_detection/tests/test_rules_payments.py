"""The payments pack: each rule just fires, just does not, and is silent without data."""

from dataclasses import dataclass, field

import pytest

from fraud_detection.engines.payments import CONTEXT, RULES
from fraud_detection.rules.reasons import placeholders
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import SEVERITIES, WEIGHTS
from ml.domains.payments.features import PAYMENTS

RULE_SET = RuleSet.build(RULES, PAYMENTS, CONTEXT)

ORDINARY = {
    "type": "transfer",
    "channel": "web",
    "country": "FR",
    "home_country": "FR",
    "amount": 50.0,
    "amount_ln": 8.5,
    "hour_of_day": 14.0,
    **dict.fromkeys(("is_night", "is_card_present", "sender_is_merchant", "first_pair", "first_device"), 0.0),
    **dict.fromkeys(("is_outgoing", "country_is_home", "sender_out_follows_in_48h"), 1.0),
    "sender_balance_before": 5_000.0,
    "drained_share": 0.01,
    "sender_balance_mismatch": 0.0,
    "sender_count_1h": 1.0,
    "card_count_1h": 1.0,
    "sender_sum_24h": 50.0,
    "sender_usual_sum_24h": 40.0,
    "sender_history_days": 400.0,
    "sender_account_days": 400.0,
    **{
        f"{entity}_small_{what}_1h": 0.0
        for entity in ("device", "ip", "merchant")
        for what in ("count", "cards")
    },
    "merchant_usual_small_count_1h": 0.1,
    "sender_ln_mean_90d": 8.4,
    "sender_ln_sd_90d": 0.5,
    "sender_earlier_median_90d": 45.0,
    "sender_earlier_max_90d": 90.0,
    "sender_earlier_p95_30d": 80.0,
    "sender_earlier_mean_30d": 45.0,
    "sender_earlier_count_30d": 30.0,
    "sender_earlier_count_90d": 90.0,
    "sender_night_share_90d": 0.0,
    "sender_country_count_90d": 90.0,
    "travel_both_card_present": 0.0,
    "travel_km": 3.0,
    "travel_kmh": 10.0,
    "device_senders_24h": 1.0,
    "sender_in_48h": 0.0,
    "sender_out_in_ratio_48h": 0.0,
    "sender_usual_in_48h": 100.0,
    "merchant_fraud_rate_30d": 0.001,
    "merchant_fraud_n_30d": 500.0,
    "on_block_list": False,
    "block_list_entry": None,
}


@dataclass(frozen=True)
class Case:
    """Changes to an ordinary event: `fires` hits; `spares` on top of it does not, one change at a time."""

    fires: dict
    spares: tuple[dict, ...]
    missing: str
    insufficient: dict = field(default_factory=dict)


def small(entity: str) -> dict:
    return {f"{entity}_small_count_1h": 5.0, f"{entity}_small_cards_1h": 3.0}


CASES = {
    "ACCOUNT_DRAIN": Case(
        {"drained_share": 0.95, "sender_balance_before": 1_000.0, "type": "cash_out"},
        ({"drained_share": 0.9499}, {"sender_balance_before": 999.99}, {"type": "payment"}),
        "drained_share",
    ),
    "BALANCE_MISMATCH": Case(
        {"sender_balance_mismatch": 0.0101},
        ({"sender_balance_mismatch": 0.01}, {"type": "refund", "sender_balance_mismatch": None}),
        "sender_balance_mismatch",
    ),
    "VELOCITY_COUNT": Case(
        {"sender_count_1h": 10.0},
        ({"sender_count_1h": 9.0}, {"sender_is_merchant": 1.0}),
        "sender_is_merchant",
    ),
    "VELOCITY_AMOUNT": Case(
        {"sender_sum_24h": 2_000.0, "sender_usual_sum_24h": 400.0, "sender_earlier_max_90d": 1_000.0},
        (
            {"sender_sum_24h": 1_999.99},
            {"sender_usual_sum_24h": 400.01},
            {"sender_earlier_max_90d": 1_000.01},
        ),
        "sender_earlier_max_90d",
        {"sender_history_days": 29.99},
    ),
    "CARD_TESTING": Case(
        small("device"),
        ({"device_small_count_1h": 4.0}, {"device_small_cards_1h": 2.0}),
        "device_small_cards_1h",
    ),
    "AMOUNT_SPIKE": Case(
        {"amount": 226.0, "amount_ln": 9.91},
        ({"amount": 225.0}, {"amount_ln": 9.9}),
        "sender_ln_sd_90d",
        {"sender_earlier_count_90d": 19.0},
    ),
    "NEW_DEVICE_HIGH_AMOUNT": Case(
        {"first_device": 1.0, "amount": 80.01},
        ({"amount": 80.0}, {"first_device": 0.0}),
        "first_device",
        {"sender_earlier_count_30d": 9.0},
    ),
    "NEW_PAYEE_HIGH_AMOUNT": Case(
        {"first_pair": 1.0, "amount": 500.0, "sender_earlier_mean_30d": 166.0},
        ({"amount": 499.99}, {"sender_earlier_mean_30d": 166.67}, {"first_pair": 0.0}),
        "sender_earlier_mean_30d",
        {"sender_earlier_count_30d": 4.0},
    ),
    "NIGHT_HIGH_AMOUNT": Case(
        {"is_night": 1.0, "amount": 80.01, "sender_night_share_90d": 0.049},
        ({"amount": 80.0}, {"sender_night_share_90d": 0.05}, {"is_night": 0.0}),
        "is_night",
        {"sender_earlier_count_90d": 19.0},
    ),
    "IMPOSSIBLE_TRAVEL": Case(
        {"travel_both_card_present": 1.0, "travel_kmh": 900.1, "travel_km": 500.1},
        ({"travel_kmh": 900.0}, {"travel_km": 500.0}, {"travel_both_card_present": 0.0}),
        "travel_kmh",
    ),
    "COUNTRY_MISMATCH": Case(
        {"country_is_home": 0.0, "sender_country_count_90d": 0.0, "amount": 200.0},
        ({"amount": 199.99}, {"sender_country_count_90d": 1.0}, {"country_is_home": 1.0}),
        "country_is_home",
    ),
    "SHARED_DEVICE": Case(
        {"device_senders_24h": 4.0},
        ({"device_senders_24h": 3.0}, {"is_card_present": 1.0}),
        "device_senders_24h",
    ),
    "MULE_PASS_THROUGH": Case(
        {"sender_in_48h": 1_000.0, "sender_out_in_ratio_48h": 0.8, "sender_usual_in_48h": 333.0},
        (
            {"sender_in_48h": 999.99},
            {"sender_out_in_ratio_48h": 0.79},
            {"sender_out_in_ratio_48h": 1.11},
            {"sender_usual_in_48h": 334.0},
            {"sender_out_follows_in_48h": 0.0},
            {"is_outgoing": 0.0},
        ),
        "sender_out_in_ratio_48h",
    ),
    "HIGH_RISK_MERCHANT": Case(
        {"merchant_fraud_rate_30d": 0.05},
        ({"merchant_fraud_rate_30d": 0.0499},),
        "merchant_fraud_rate_30d",
        {"merchant_fraud_n_30d": 19.0},
    ),
    "BLOCKLIST": Case(
        {"on_block_list": True, "block_list_entry": "device D-7"},
        ({"on_block_list": False},),
        "on_block_list",
    ),
}


def evaluated(*changes: dict):
    event = dict(ORDINARY)
    for change in changes:
        assert change.keys() <= RULE_SET.vocabulary.kinds.keys()
        event |= change
    return RULE_SET.evaluate(event)


def codes(result) -> list[str]:
    return [hit.rule.code for hit in result.hits]


def test_every_rule_has_a_case_and_a_code_of_its_own():
    assert sorted(CASES) == sorted(rule.code for rule in RULES)


def test_an_ordinary_event_hits_nothing_and_lacks_nothing():
    result = evaluated()
    assert (result.hits, result.not_evaluable, result.insufficient, result.failed) == ((), (), (), ())


@pytest.mark.parametrize("code", CASES)
def test_it_just_fires(code):
    result = evaluated(CASES[code].fires)
    assert codes(result) == [code]
    (hit,) = result.hits
    assert hit.severity in SEVERITIES
    assert hit.confidence == WEIGHTS[hit.severity]
    assert "{" not in hit.reason


@pytest.mark.parametrize(
    ("code", "change"), [(code, change) for code, case in CASES.items() for change in case.spares]
)
def test_it_just_does_not_fire(code, change):
    result = evaluated(CASES[code].fires, change)
    assert code not in codes(result)
    assert code not in result.not_evaluable


@pytest.mark.parametrize("code", CASES)
def test_without_the_value_it_is_not_evaluable(code):
    result = evaluated(CASES[code].fires, {CASES[code].missing: None})
    assert code in result.not_evaluable
    assert code not in codes(result)


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.requires])
def test_below_the_minimum_history_it_is_insufficient_data(code):
    assert CASES[code].insufficient
    result = evaluated(CASES[code].fires, CASES[code].insufficient)
    assert code in result.insufficient
    assert code not in codes(result)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_reasons_use_declared_names_and_every_parameter_is_used(rule):
    for name, _, _ in placeholders(rule.reason):
        assert name in RULE_SET.vocabulary.kinds or name.removeprefix("p.") in rule.params
    for name in rule.params:
        assert f"p.{name}" in f"{rule.condition} {rule.requires}"


def test_other_ways_to_hit():
    assert codes(evaluated({"card_count_1h": 6.0, "sender_count_1h": None})) == ["VELOCITY_COUNT"]
    assert codes(evaluated(small("ip"))) == ["CARD_TESTING"]
    assert codes(evaluated(small("merchant"), {"merchant_usual_small_count_1h": 1.0})) == ["CARD_TESTING"]
    assert codes(evaluated(small("merchant"), {"merchant_usual_small_count_1h": 1.01})) == []
    new_account = {"sender_usual_in_48h": None, "sender_account_days": 29.9}
    assert codes(evaluated(CASES["MULE_PASS_THROUGH"].fires, new_account)) == ["MULE_PASS_THROUGH"]


def test_reasons_read_as_sentences():
    velocity = evaluated(CASES["VELOCITY_COUNT"].fires, {"sender_usual_count_1h": 2.0, "card_count_1h": None})
    assert velocity.hits[0].reason == "Sender: 10 events in 1 h, usual 2"
    drain = evaluated(CASES["ACCOUNT_DRAIN"].fires)
    assert drain.hits[0].reason == "95% of the sender's balance of 1,000.00 leaves in one cash_out"


def test_a_block_list_forces_a_decline():
    (hit,) = evaluated(CASES["BLOCKLIST"].fires).hits
    assert (hit.severity, hit.rule.outcome, hit.rule.cannot_be_overridden) == ("critical", "decline", True)
    assert hit.reason == "On a block list: device D-7"
    assert [rule.code for rule in RULES if rule.outcome] == ["BLOCKLIST"]
