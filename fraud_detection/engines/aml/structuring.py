"""Amounts kept below the reporting threshold, by one sender or towards one receiver."""

from fraud_detection.rules.spec import RuleSpec

STRUCTURING = (
    RuleSpec(
        code="StructuringRule",
        family="structuring",
        subject="sender",
        description="Several amounts just below the reporting threshold within a day, by one sender.",
        condition="sender_near_count_24h >= p.min_count",
        severity="""sender_near_cash_24h >= 1 || sender_near_branches_24h >= p.min_places
            || sender_near_channels_24h >= p.min_places ? 'critical' : 'high'""",
        params={"min_count": 3, "min_places": 2},
        reason="{sender_near_count_24h} transactions in 24 h kept just below the reporting threshold: "
        "{sender_near_sum_24h} in all, the largest {sender_near_shortfall_24h} short of it; "
        "{sender_near_cash_24h} in cash, {sender_near_branches_24h} branches, "
        "{sender_near_channels_24h} channels[; usual {sender_usual_near_count_24h} a day]",
        evidence=(
            "sender_near_count_24h",
            "sender_near_sum_24h",
            "sender_near_max_24h",
            "sender_near_shortfall_24h",
            "sender_near_cash_24h",
            "sender_near_branches_24h",
            "sender_near_channels_24h",
            "sender_usual_near_count_24h",
        ),
    ),
    RuleSpec(
        code="SmurfingRule",
        family="structuring",
        subject="receiver",
        description="Many small credits by several senders over days that add up to a reportable sum.",
        condition="""!receiver_is_merchant && receiver_small_count_7d >= p.min_count
            && receiver_small_senders_7d >= p.min_senders && receiver_small_days_7d >= p.min_days
            && receiver_small_over_threshold_7d >= p.min_over_threshold
            && (receiver_account_days < p.new_account_days
                || receiver_small_sum_7d >= p.usual_ratio * receiver_usual_sum_7d)""",
        severity="high",
        params={
            "min_count": 5,
            "min_senders": 3,
            "min_days": 2,
            "min_over_threshold": 1,
            "usual_ratio": 3,
            "new_account_days": 30,
        },
        reason="{receiver_small_count_7d} small credits of {receiver_small_senders_7d} senders on "
        "{receiver_small_days_7d} days add up to {receiver_small_sum_7d}[; usual week "
        "{receiver_usual_sum_7d}]; account first seen {receiver_account_days} ago",
        evidence=(
            "receiver_small_count_7d",
            "receiver_small_sum_7d",
            "receiver_small_senders_7d",
            "receiver_small_days_7d",
            "receiver_small_over_threshold_7d",
            "receiver_usual_sum_7d",
            "receiver_account_days",
        ),
    ),
)
