"""Shipped packs: each rule compiles, fires on an event of its kind, and spares an ordinary one."""

import pytest

from fraud_detection.models import CustomList, EngineState, Rule, RuleDraft
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.rule_packs import load_preset, preset, presets
from fraud_detection.services.rule_packs.presets import NoSuchPreset, names

pytestmark = pytest.mark.django_db
LISTED = {
    "known_mules": frozenset({"mule-1"}),
    "gambling_categories": frozenset({"7995"}),
    "watched_merchants": frozenset({"shop-9"}),
    "watched_parties": frozenset({"acc-9"}),
}
ORDINARY = {
    "payments": {
        "amount": 40.0, "is_outgoing": True, "is_night": False, "first_device": False, "first_pair": False,
        "first_country": False, "country": "US", "drained_share": 0.02, "sender_count_1h": 1.0,
        "sender_count_24h": 2.0, "sender_sum_24h": 70.0, "sender_earlier_count_90d": 30.0,
        "sender_night_share_90d": 0.01, "device_count_24h": 2.0, "device_decline_share_24h": 0.0,
        "ip_count_24h": 2.0, "ip_decline_share_24h": 0.0, "card_count_24h": 2.0, "card_max_24h": 40.0,
        "card_decline_share_24h": 0.0, "receiver_id": "acc-2", "sender_id": "acc-1",
        "receiver_is_merchant": False, "receiver_senders_24h": 1.0, "receiver_sum_24h": 40.0,
        "receiver_out_48h": 0.0, "merchant_category": "grocery", "merchant_id": "shop-1",
    },
    "aml": {
        "amount": 40.0, "is_cash": False, "is_outgoing": True, "sender_account_days": 900.0,
        "sender_sum_7d": 200.0, "sender_in_48h": 0.0, "sender_out_48h": 40.0, "sender_dwell_hours_48h": 40.0,
        "sender_out_in_ratio_48h": 0.1, "sender_id": "acc-1", "receiver_id": "acc-2",
    },
    "credit": {
        "oldest_account_months": 90.0, "device_identities_7d": 1.0, "phone_identities_7d": 1.0,
        "inquiries_7d": 0.0, "inquiries_6m": 1.0, "amount_to_income": 0.2, "utilisation": 0.3,
        "delinquency_days": 0.0,
    },
    "insurance": {
        "bank_other_claimants_12m": 0.0, "phone_other_claimants_12m": 0.0, "device_other_claimants_12m": 0.0,
        "details_changed_days": 400.0, "claim_amount": 1500.0, "report_delay_days": 2.0, "limit_share": 0.2,
    },
    "market": {
        "trader_orders_1h": 12.0, "trader_cancelled_share_1h": 0.3, "is_trade": True, "own_share_today": 0.02,
        "own_trades_today": 3.0, "price_change": 0.01, "earlier_trades_5m": 8.0, "rise_5m": 0.001,
        "fall_5m": 0.002,
    },
}  # fmt: skip
FIRING = {
    "CARD_TESTING_DECLINES": ({"ip_count_24h": 8.0, "ip_decline_share_24h": 0.6}, "ip"),
    "CARD_TESTING_CASH_IN": (
        {"card_count_24h": 4.0, "card_decline_share_24h": 0.5, "amount": 200.0, "card_max_24h": 200.0},
        "card",
    ),
    "TAKEOVER_NEW_DEVICE_AND_COUNTRY": (
        {"first_device": True, "first_country": True, "amount": 300.0},
        "sender",
    ),
    "TAKEOVER_DRAIN": (
        {"first_device": True, "first_pair": True, "drained_share": 0.7, "amount": 300.0},
        "sender",
    ),
    "TAKEOVER_NIGHT_BURST": ({"is_night": True, "first_device": True, "sender_count_1h": 3.0}, "sender"),
    "PAYS_KNOWN_MULE": ({"receiver_id": "mule-1"}, "receiver"),
    "MULE_FAN_IN": (
        {"receiver_senders_24h": 5.0, "receiver_sum_24h": 1000.0, "receiver_out_48h": 700.0},
        "receiver",
    ),
    "GAMBLING_BURST": ({"merchant_category": "7995", "sender_count_24h": 10.0}, "sender"),
    "WATCHED_MERCHANT": ({"merchant_id": "shop-9", "amount": 100.0}, "merchant"),
    "NEW_ACCOUNT_CASH": ({"is_cash": True, "sender_account_days": 29.0, "sender_sum_7d": 8000.0}, "sender"),
    "TRANSIT_ACCOUNT": (
        {"sender_in_48h": 2000.0, "sender_dwell_hours_48h": 3.0, "sender_out_in_ratio_48h": 0.9},
        "sender",
    ),
    "WATCHED_PARTY": ({"receiver_id": "acc-9"}, "receiver"),
    "SYNTHETIC_IDENTITY": ({"oldest_account_months": 12.0, "phone_identities_7d": 2.0}, "applicant"),
    "STACKED_APPLICATIONS": ({"inquiries_7d": 4.0, "amount_to_income": 0.5}, "applicant"),
    "BUST_OUT": ({"utilisation": 0.95, "inquiries_6m": 6.0}, "applicant"),
    "SHARED_PAYOUT": ({"bank_other_claimants_12m": 1.0, "device_other_claimants_12m": 1.0}, "claimant"),
    "DETAILS_CHANGED_BEFORE_CLAIM": ({"details_changed_days": 14.0}, "policy"),
    "LATE_AND_TO_THE_LIMIT": ({"report_delay_days": 30.0, "limit_share": 0.9}, "claimant"),
    "QUOTE_STUFFING": ({"trader_orders_1h": 200.0, "trader_cancelled_share_1h": 0.95}, "trader"),
    "DOMINANT_TRADER": (
        {"own_share_today": 0.5, "own_trades_today": 10.0, "price_change": -0.05},
        "owner",
    ),
    "MOMENTUM_IGNITION": ({"own_share_today": 0.3, "fall_5m": 0.03}, "trader"),
}


@pytest.fixture
def rules():
    """Every rule of every pack with its engine, by code."""
    return {
        rule.code: (each.pack.engine, RuleSpec.from_data(rule.definition))
        for each in presets()
        for rule in each.pack.rules
    }


def outcomes(engine_name, spec, values):
    engine = engine_in_use(engine_name)
    built = RuleSet.build([spec], engine.feature_set, engine.context, LISTED)
    return built.evaluate(values)


def test_every_rule_has_an_event_here_and_a_code_of_its_own(rules):
    assert sorted(rules) == sorted(FIRING)
    shipped = {spec.code for name in ORDINARY for spec in engine_in_use(name).pack}
    assert not shipped & rules.keys()
    assert {engine for engine, _ in rules.values()} == set(ORDINARY)


def test_each_rule_fires_on_its_event_about_whom_it_says(rules):
    for code, (engine, spec) in rules.items():
        changes, subject = FIRING[code]
        found = outcomes(engine, spec, ORDINARY[engine] | changes)
        assert [(hit.rule.code, hit.subject) for hit in found.hits] == [(code, subject)], code
        assert "no data" not in found.hits[0].reason, found.hits[0].reason


def test_each_rule_spares_an_ordinary_event_and_is_evaluable_on_it(rules):
    for code, (engine, spec) in rules.items():
        found = outcomes(engine, spec, ORDINARY[engine])
        assert (found.hits, found.not_evaluable, found.insufficient, found.failed) == ((), (), (), ()), code


def test_each_change_of_an_event_is_needed(rules):
    """One figure back to ordinary and the rule is quiet."""
    for code, (engine, spec) in rules.items():
        changes, _ = FIRING[code]
        for name in changes:
            if name in ("card_max_24h",):
                continue
            almost = ORDINARY[engine] | {key: value for key, value in changes.items() if key != name}
            assert outcomes(engine, spec, almost).hits == (), f"{code} without {name}"


def test_loading_a_pack_makes_drafts_and_lists_and_decides_nothing(payments_engine, analyst):
    before = EngineState.objects.get(engine="payments")
    done = load_preset("mule_accounts", acting_user=analyst)
    assert done.lists == ("known_mules",) and CustomList.objects.get().kind == "account"
    assert [(rule.code, rule.stage) for rule in done.rules] == [
        ("PAYS_KNOWN_MULE", "draft"),
        ("MULE_FAN_IN", "draft"),
    ]
    assert set(RuleDraft.objects.values_list("rule__code", "author")) == {
        ("PAYS_KNOWN_MULE", analyst.email),
        ("MULE_FAN_IN", analyst.email),
    }
    assert EngineState.objects.get(engine="payments").rule_set_id == before.rule_set_id
    assert preset("mule_accounts").is_loaded


def test_loading_it_again_changes_nothing(payments_engine, analyst):
    load_preset("mule_accounts", acting_user=analyst)
    Rule.objects.filter(code="MULE_FAN_IN").delete()
    again = load_preset("mule_accounts", acting_user=analyst)
    assert [rule.code for rule in again.rules] == ["MULE_FAN_IN"] and again.lists == ()
    assert load_preset("mule_accounts", acting_user=analyst).changed is False


def test_an_unknown_pack_is_refused(payments_engine, analyst):
    with pytest.raises(NoSuchPreset, match="there are account_takeover"):
        load_preset("../settings", acting_user=analyst)
    assert len(names()) == 8 and not RuleDraft.objects.exists()
