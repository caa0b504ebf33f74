"""Every aml rule on stored history: one that just fires, those that just do not, and its evidence."""

import pytest

from fraud_detection.engines.aml import RULES
from fraud_detection.models import Assessment
from fraud_detection.tests.aml_history import decided, hits_of, metadata_of, moved, spares

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
HOUR = 1 / 24


def insufficient(records) -> list[str]:
    decided(records)
    return Assessment.objects.order_by("-transaction__occurred_at", "-id").first().insufficient


# ---- structuring


def near(*amounts, hours=1, **fields):
    return [
        moved((len(amounts) - n) * hours * HOUR, amount, receiver=f"R{n}", **fields)
        for n, amount in enumerate(amounts)
    ]


def test_three_amounts_just_below_the_threshold_are_structuring():
    hit = hits_of(near(8_000, 9_000, 9_999.99))["StructuringRule"]
    assert (hit["severity"], hit["confidence"]) == ("high", 0.6)
    metadata = hit["metadata"]
    assert (metadata["num_transactions"], metadata["total_amount"]) == (3, 26_999.99)
    assert metadata["distances"] == [0.01, 1_000, 2_000]
    assert metadata["sender_near_shortfall_24h"] == 0.01
    assert [row["amount"] for row in metadata["transactions"]] == [9_999.99, 9_000, 8_000]
    assert metadata["thresholds"] == {"min_count": 3, "min_places": 2}


def test_other_large_amounts_are_not():
    spares(
        "StructuringRule",
        near(8_000, 9_000),  # two are not enough
        near(7_999.99, 9_000, 9_000),  # below 0.8 T
        near(10_000, 9_000, 9_000),  # reported
        near(9_000, 9_000, 9_000, hours=12),  # the first lies a day back
    )


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({}, "high"),
        ({"type": "cash_out"}, "critical"),
        ({"branch": "B2"}, "critical"),
        ({"channel": "atm"}, "critical"),
        ({"region": "North"}, "high"),
    ],
)
def test_cash_or_several_places_make_it_critical(change, severity):
    records = near(9_000, 9_000, 9_000, branch="B1", channel="branch")
    records[-1] |= change
    assert hits_of(records)["StructuringRule"]["severity"] == severity


def credits(*parts, receiver="R", **fields):
    """(days ago, amount, sender) each."""
    return [moved(days, amount, sender, receiver, **fields) for days, amount, sender in parts]


SMURFED = [(6.5, 2_000, "A"), (3, 2_000, "B"), (2, 2_000, "C"), (1, 2_000, "A"), (0, 2_000, "B")]


def test_small_credits_of_several_senders_that_add_up_are_smurfing():
    hit = hits_of(credits(*SMURFED))["SmurfingRule"]
    assert hit["severity"] == "high"
    metadata = hit["metadata"]
    assert (metadata["num_transactions"], metadata["total_amount"]) == (5, 10_000)
    assert metadata["senders"] == [
        {"name": "A", "count": 2, "sum": 4_000},
        {"name": "B", "count": 2, "sum": 4_000},
        {"name": "C", "count": 1, "sum": 2_000},
    ]
    assert len(metadata["events"]) == 5


def test_other_credits_are_not():
    histories = [
        SMURFED[1:],  # four
        [(days, amount, "A" if who == "C" else who) for days, amount, who in SMURFED],  # two senders
        [(days, 1_999.99, who) for days, _, who in SMURFED],  # less than T
        [(n * HOUR, 2_000, who) for n, (_, _, who) in enumerate(SMURFED)],  # on one day
        [(7, 2_000, "A"), *SMURFED[1:]],  # the first lies a week back
        [(days, 8_000, who) for days, _, who in SMURFED],  # none is small
    ]
    spares("SmurfingRule", *(credits(*parts) for parts in histories))


def test_a_merchant_is_not_smurfed():
    assert "SmurfingRule" not in hits_of(credits(*SMURFED, merchant_id="R"))


@pytest.mark.parametrize(("usual", "fires"), [(39_500, True), (39_600, False)])
def test_an_older_account_must_receive_three_times_its_usual_week(usual, fires):
    """83 days hold 11.86 weeks: 39,500 are 3,331 a week."""
    earlier = [moved(60, usual / 2, "X"), moved(50, usual / 2, "Y")]
    assert ("SmurfingRule" in hits_of([*earlier, *credits(*SMURFED)])) is fires


# ---- flows


def passed(inflow, outflow, *, out_days=0.0, in_days=1.0, **fields):
    return [moved(in_days, inflow, "P", "M"), moved(out_days, outflow, "M", "Q", **fields)]


def test_money_that_leaves_within_two_days_is_rapid_movement():
    hit = hits_of(passed(5_000, 4_000))["RapidMovementRule"]
    metadata = hit["metadata"]
    assert (metadata["sender_in_48h"], metadata["sender_out_48h"], metadata["dwell_hours"]) == (
        5_000,
        4_000,
        24,
    )
    assert metadata["in"] == [{"name": "P", "count": 1, "sum": 5_000}]
    assert metadata["out"] == [{"name": "Q", "count": 1, "sum": 4_000}]
    assert hit["severity"] == "high"


def test_other_movement_is_not_rapid():
    spares(
        "RapidMovementRule",
        passed(4_999.99, 4_500),
        passed(5_000, 3_999.99),
        passed(5_000, 5_500.01),
        passed(5_000, 4_500, in_days=2),
        passed(5_000, 4_500, type="refund"),
        [moved(1.5, 100, "M", "Q"), *passed(5_000, 4_500)],  # the first debit came before the credit
    )


def test_out_up_to_a_tenth_more_than_in_still_is():
    assert "RapidMovementRule" in hits_of(passed(5_000, 5_500))


@pytest.mark.parametrize(("usual", "fires"), [(73_333, True), (73_334, False)])
def test_an_older_account_must_receive_three_times_its_usual_two_days(usual, fires):
    """88 days hold 44 times 48 hours: 73,333 are 1,666.66 each."""
    assert ("RapidMovementRule" in hits_of([moved(40, usual, "P", "M"), *passed(5_000, 4_000)])) is fires


def funnelled(regions="ABCAB", amount=1_000, out=3_500, out_region="Z", out_days=0.0):
    """Credits over two days, then one debit."""
    came = [
        moved(2 + n / 2, amount, f"P{n}", "F", region=region, merchant_id=None)
        for n, region in enumerate(regions)
    ]
    return [
        {name: value for name, value in record.items() if value is not None}
        for record in [*came, moved(out_days, out, "F", "Q", region=out_region)]
    ]


def test_credits_of_three_regions_that_leave_in_another_are_a_funnel():
    records = funnelled()
    metadata = metadata_of("FunnelAccountRule", records)
    assert sorted(metadata["events"]) == sorted(record["transaction_id"] for record in records)
    assert metadata["regions_in"] == [
        {"name": "A", "count": 2, "sum": 2_000},
        {"name": "B", "count": 2, "sum": 2_000},
        {"name": "C", "count": 1, "sum": 1_000},
    ]
    assert metadata["regions_out"] == [{"name": "Z", "count": 1, "sum": 3_500}]
    assert metadata["sender_out_here_share_72h"] == 0.7


def test_other_accounts_are_no_funnels():
    spares(
        "FunnelAccountRule",
        funnelled("ABCA"),
        funnelled("ABABA"),
        funnelled(out=3_499.99),
        funnelled(out_region="C"),
        funnelled(amount=10_000, out=50_000),
        [*funnelled()[:-1], moved(-2.1, 3_500, "F", "Q", region="Z", type="refund")],
    )


def test_a_funnel_is_not_evaluable_without_a_region():
    record = funnelled()
    del record[-1]["region"]
    decided(record)
    assessment = Assessment.objects.order_by("-transaction__occurred_at").first()
    assert "FunnelAccountRule" in assessment.not_evaluable


def fanned(count=10, amount=500, known=0, side="receiver", hours=0.1, **fields):
    """Credits of `count` senders, the last `known` of them seen 40 days ago; or the other way round."""

    def one(days, name, **more):
        ends = (name, "HUB") if side == "receiver" else ("HUB", name)
        return moved(days, amount, *ends, **(fields | more))

    earlier = [one(40, f"N{n}") for n in range(known)]
    return [*earlier, *(one((count - n) * hours * HOUR, f"N{n}") for n in range(count))]


@pytest.mark.parametrize(("rule", "side"), [("FanInRule", "receiver"), ("FanOutRule", "sender")])
def test_ten_counterparties_in_a_day_most_of_them_new_are_a_fan(rule, side):
    metadata = metadata_of(rule, fanned(known=2, side=side))
    assert metadata["account"] == "HUB"
    assert metadata["direction"] == ("in" if rule == "FanInRule" else "out")
    assert metadata["not_listed"] == 0 and len(metadata["neighbours"]) == 10
    assert metadata["neighbours"][0] == {"name": "N0", "count": 1, "sum": 500, "new": False}
    assert [each["new"] for each in metadata["neighbours"]] == [False, False] + [True] * 8


@pytest.mark.parametrize(("rule", "side"), [("FanInRule", "receiver"), ("FanOutRule", "sender")])
def test_other_days_are_not(rule, side):
    nine, seven_new = {"count": 9, "amount": 600}, {"known": 3}
    little, over_more_than_a_day = {"amount": 499.99}, {"hours": 2.7}
    changes = (nine, seven_new, little, over_more_than_a_day)
    spares(rule, *(fanned(side=side, **change) for change in changes))


@pytest.mark.parametrize(("earlier", "fires"), [(178, True), (179, False)])
def test_the_day_must_be_five_times_the_usual_one(earlier, fires):
    """89 days: 178 events are 2 a day."""
    usual = [moved(2 + n * 87 / earlier, 1, "OLD", "HUB") for n in range(earlier)]
    assert ("FanInRule" in hits_of([*usual, *fanned()])) is fires


def test_a_merchant_needs_ninety_days_of_history():
    young = fanned(merchant_id="HUB")
    assert "FanInRule" in insufficient(young)
    assert "FanInRule" in hits_of(
        [moved(90.5, 1, "OLD", "HUB", merchant_id="HUB"), *fanned(merchant_id="HUB")]
    )


# ---- habits


def test_an_account_that_rested_half_a_year_and_moves_again_was_dormant():
    hit = hits_of([moved(180, 10, "D", "Q"), moved(0, 5_000, "D", "Q")])["DormantAccountRule"]
    assert hit["severity"] == "medium" and hit["confidence"] == 0.3
    assert hit["metadata"]["rested"] == [
        {"account": "D", "side": "sender", "rested_days": 180},
        {"account": "Q", "side": "receiver", "rested_days": 180},
    ]


def test_other_accounts_were_not_dormant():
    spares(
        "DormantAccountRule",
        [moved(179.99, 10, "D", "Q"), moved(0, 5_000, "D", "Q")],
        [moved(180, 10, "D", "Q"), moved(0, 4_999.99, "D", "Q")],
        [moved(0, 5_000, "D", "Q")],
        [moved(200, 10, "D", "Q"), moved(1, 1, "D", "Q"), moved(0, 1, "D", "Q")],
    )


def test_three_small_events_within_a_week_wake_it_too_and_it_may_be_the_receiver():
    woken = [moved(n, 1, f"N{n}", "D") for n in (2, 1, 0)]
    hits_of([moved(200, 10, "D", "Q"), *woken])
    hit = Assessment.objects.order_by("-transaction__occurred_at").first().hits.get(rule="DormantAccountRule")
    assert (hit.subject_kind, hit.subject) == ("receiver", "D")
    assert hit.metadata["receiver_moves_7d"] == 3
    assert sorted(hit.metadata["events"]) == sorted(record["transaction_id"] for record in woken)


def habitual(count=20, amounts=(100, 110), last=560.0):
    """Two usual amounts over two months, then another one."""
    earlier = [moved(60 - n * 2.5, amounts[n % 2], "H", "Q") for n in range(count)]
    return [*earlier, moved(0, last, "H", "Q")]


def test_an_amount_far_outside_its_habits_is_a_change_of_profile():
    metadata = metadata_of("ProfileChangeRule", habitual(last=500.01))
    assert (metadata["sender_earlier_count_90d"], metadata["sender_earlier_median_90d"]) == (20, 100)


def test_less_than_five_times_the_median_is_not():
    spares("ProfileChangeRule", habitual(last=500), habitual(last=130))


def test_amounts_that_vary_widely_need_more():
    wide = habitual(amounts=(10, 1_000), last=6_000)  # mean 100, sd 10 times
    assert "ProfileChangeRule" not in hits_of(wide)


def test_with_fewer_than_twenty_the_profile_is_insufficient():
    assert "ProfileChangeRule" in insufficient(habitual(count=19, last=5_000))


def monthly(amount, this_month, first=209):
    """Six months of one amount each, then a month."""
    earlier = [moved(first - n * 30, amount, "H", "Q") for n in range(6)]
    return [*earlier, moved(0, this_month, "H", "Q")]


def test_a_month_above_three_times_the_half_year_before_is_a_change_too():
    metadata = metadata_of("ProfileChangeRule", monthly(4_000, 12_000.01))
    assert (metadata["sender_sum_30d"], metadata["sender_usual_sum_30d"]) == (12_000.01, 4_000)


def test_less_than_that_or_below_the_threshold_is_not():
    spares("ProfileChangeRule", monthly(4_000, 12_000), monthly(1_000, 9_999.99))


def round_sums(*amounts):
    return [moved((len(amounts) - n) / 2, amount, "O", f"Q{n}") for n, amount in enumerate(amounts)]


def test_a_week_of_round_amounts():
    hit = hits_of(round_sums(1_000, 33.5, 2_000, 1_000, 3_000, 1_000))["RoundAmountsRule"]
    assert hit["severity"] == "medium"
    metadata = hit["metadata"]
    assert (metadata["sender_round_count_7d"], metadata["sender_count_7d"]) == (5, 6)
    assert [each["amount"] for each in metadata["amounts"]] == [1_000, 3_000, 1_000, 2_000, 1_000]
    assert metadata["amounts"][0]["currency"] == "USD"


def test_other_weeks_are_not_round():
    weeks = [(1_000,) * 4, (1_000,) * 5 + (7, 7), (500,) * 5, (1_000, 1_000, 1_000, 1_000, 1_000.01)]
    spares("RoundAmountsRule", *(round_sums(*amounts) for amounts in weeks))


def test_amounts_are_round_in_the_currency_in_which_they_were_sent():
    records = [record | {"currency": "EUR"} for record in round_sums(*(1_000,) * 5)]
    assert "RoundAmountsRule" in hits_of(records)


# ---- together


def test_the_families_share_what_they_tell():
    families = {}
    assert len(RULES) == 11
    for rule in RULES:
        families.setdefault(rule.family, set()).add(rule.code)
    assert families["structuring"] == {"StructuringRule", "SmurfingRule"}
    assert families["flow"] == {
        "RapidMovementRule", "FunnelAccountRule", "FanInRule", "FanOutRule", "RoundTripRule"
    }  # fmt: skip
    assert all(len(codes) == 1 for name, codes in families.items() if name not in ("structuring", "flow"))


def test_what_comes_later_changes_no_decision():
    """The same story told of other accounts gets the same answers when more follows it."""
    story = sorted([*near(9_000, 9_000, 9_000), *passed(5_000, 4_500), *fanned(known=2)], key=at)
    followed = [other(record) for record in story]
    followed += [
        moved(-0.001, 9_500, one, two) for one, two in (("xS", "xM"), ("xM", "xHUB"), ("xHUB", "xS"))
    ]
    assert shapes(decided(followed))[: len(story)] == shapes(decided(story))


def at(record):
    return record["occurred_at"]


def other(record):
    return record | {name: f"x{record[name]}" for name in ("transaction_id", "sender_id", "receiver_id")}


def shapes(bodies):
    return [(body["risk_score"], [hit["rule"] for hit in body["alerts"]]) for body in bodies]
