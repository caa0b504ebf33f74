"""What an account does against its own habits, and where the other side is."""

from fraud_detection.rules.spec import RuleSpec

HABITS = (
    RuleSpec(
        code="DormantAccountRule",
        family="dormancy",
        subject="""!missing(receiver_gap_days) && receiver_gap_days >= p.min_gap_days
            && (receiver_moved_7d >= p.min_sum || receiver_moves_7d >= p.min_count)
            ? 'receiver' : 'sender'""",
        description="An account at rest for half a year moves money again.",
        condition="""(sender_gap_days >= p.min_gap_days
                && (sender_moved_7d >= p.min_sum || sender_moves_7d >= p.min_count))
            || (receiver_gap_days >= p.min_gap_days
                && (receiver_moved_7d >= p.min_sum || receiver_moves_7d >= p.min_count))""",
        severity="medium",
        params={"min_gap_days": 180, "min_sum": 5_000, "min_count": 3},
        reason="An account at rest moves again in 7 d"
        "[; sender: {sender_moves_7d} events of {sender_moved_7d} after {sender_gap_days}]"
        "[; receiver: {receiver_moves_7d} events of {receiver_moved_7d} after {receiver_gap_days}]",
        evidence=(
            "sender_gap_days",
            "sender_moves_7d",
            "sender_moved_7d",
            "receiver_gap_days",
            "receiver_moves_7d",
            "receiver_moved_7d",
        ),
    ),
    RuleSpec(
        code="ProfileChangeRule",
        family="profile",
        subject="sender",
        description="An amount, or a month, far outside the sender's own habits.",
        condition="""(sender_earlier_count_90d >= p.min_count
                && amount_ln > sender_ln_mean_90d + p.deviations * sender_ln_sd_90d
                && amount > p.median_ratio * sender_earlier_median_90d)
            || (sender_account_days >= p.min_history_days
                && sender_sum_30d > p.usual_ratio * sender_usual_sum_30d
                && sender_sum_30d_over_threshold >= p.min_over_threshold)""",
        requires="sender_earlier_count_90d >= p.min_count || sender_account_days >= p.min_history_days",
        severity="medium",
        params={
            "min_count": 20,
            "deviations": 3,
            "median_ratio": 5,
            "min_history_days": 180,
            "usual_ratio": 3,
            "min_over_threshold": 1,
        },
        reason="Unlike the sender's habits: {amount}[, median {sender_earlier_median_90d} of "
        "{sender_earlier_count_90d} events]; {sender_sum_30d} in 30 d[, usual {sender_usual_sum_30d}]",
        evidence=(
            "sender_sum_30d",
            "sender_usual_sum_30d",
            "sender_sum_30d_over_usual",
            "amount",
            "sender_earlier_count_90d",
            "sender_earlier_median_90d",
            "sender_ln_z_90d",
            "sender_account_days",
        ),
    ),
    RuleSpec(
        code="RoundAmountsRule",
        family="round_amounts",
        subject="sender",
        description="Nearly everything an account sends in a week is of large round amounts.",
        condition="sender_round_count_7d >= p.min_count && sender_round_share_7d >= p.min_share",
        severity="medium",
        params={"min_count": 5, "min_share": 0.8},
        reason="{sender_round_count_7d} events of round amounts in 7 d, {sender_round_sum_7d} in all: "
        "{sender_round_share_7d} of what the sender did",
        evidence=("sender_round_count_7d", "sender_round_sum_7d", "sender_round_share_7d", "sender_count_7d"),
    ),
)

GEOGRAPHY = (
    RuleSpec(
        code="HighRiskGeographyRule",
        family="geography",
        subject="customer",
        description="A party, the event or its address is in a country on a list of the policy in force.",
        condition="""high_risk_countries > 0 || (watched_countries > 0
            && (amount >= p.min_amount || watched_sum_30d >= p.min_sum))""",
        severity="high",
        params={"min_amount": 1_000, "min_sum": 5_000},
        reason="{amount} with {high_risk_countries} countries on the black and {watched_countries} on the "
        "grey list, version {country_list}[; {watched_sum_30d} in 30 d with grey ones]",
        evidence=("high_risk_countries", "watched_countries", "amount", "watched_sum_30d", "country_list"),
    ),
)
