"""How money moves around the reporting threshold: split, collected, gathered from regions."""

from ml.domains.aml.history import QUARTER, WEEK, Limits
from ml.domains.codes import CASH
from ml.features.builders import MINOR, count, flag, money, number
from ml.features.durations import DAY
from ml.features.spec import Feature


def event_features(limits: Limits) -> list[Feature]:
    return [
        flag("is_cash", "Cash moves: cash in or cash out.", "member", "event.type", by=CASH),
        number(
            "amount_over_threshold",
            "ratio",
            f"Amount over the reporting threshold of {said(limits.threshold)}.",
            "scaled",
            "event.amount_minor",
            by=(limits.threshold,),
        ),
    ]


def said(minor: int) -> str:
    """An amount in minor units as a whole number of the reporting currency."""
    return f"{minor / MINOR:,.0f}"


def structuring_features(limits: Limits) -> list[Feature]:
    near = f"the sender's events of {said(limits.near)} to just under {said(limits.threshold)} in 24 hours"
    return [
        count("sender_near_count_24h", f"Number of {near}.", "near.count.24h"),
        money("sender_near_sum_24h", f"Sum of {near}.", "near.sum.24h"),
        money("sender_near_max_24h", f"Largest of {near}.", "near.max.24h"),
        number(
            "sender_near_shortfall_24h",
            "money",
            f"By how much the largest of {near} stays below the reporting threshold.",
            "shortfall",
            "near.max.24h",
            by=(limits.threshold, MINOR),
        ),
        count("sender_near_branches_24h", f"Distinct branches of {near}.", "near.branches.24h"),
        count("sender_near_channels_24h", f"Distinct channels of {near}.", "near.channels.24h"),
        count("sender_near_cash_24h", f"Cash among {near}.", "near.cash.24h"),
        number(
            "sender_usual_near_count_24h",
            "count",
            "The sender's mean daily count of such events over 90 days up to 24 hours ago.",
            "pace",
            "near.count.90d_24h",
            "sender.horizon",
            "event.occurred_at",
            by=(QUARTER, DAY, DAY, 1.0),
        ),
    ]


def smurfing_features(limits: Limits) -> list[Feature]:
    small = f"the receiver's credits under {said(limits.near)} in 7 days"
    return [
        count("receiver_small_count_7d", f"Number of {small}.", "small.count.7d"),
        money("receiver_small_sum_7d", f"Sum of {small}.", "small.sum.7d"),
        number(
            "receiver_small_over_threshold_7d",
            "ratio",
            f"Sum of {small} over the reporting threshold of {said(limits.threshold)}.",
            "scaled",
            "small.sum.7d",
            by=(limits.threshold,),
        ),
        count("receiver_small_senders_7d", f"Distinct senders of {small}.", "small.senders.7d"),
        count("receiver_small_days_7d", f"Distinct days (UTC) of {small}.", "small.days.7d"),
        number(
            "receiver_usual_sum_7d",
            "money",
            "The receiver's mean weekly inflow over 90 days up to 7 days ago.",
            "pace",
            "receiver.sum.90d_7d",
            "receiver.horizon",
            "event.occurred_at",
            by=(QUARTER, WEEK, WEEK, MINOR),
        ),
        number(
            "receiver_account_days",
            "days",
            "Time since the receiver was first seen, sending or receiving.",
            "age_of_earliest",
            "event.occurred_at",
            "receiver.oldest",
            "receiver_out.oldest",
            by=(DAY,),
        ),
    ]


def dwell_features() -> list[Feature]:
    """Needs the features of pass_through."""
    return [
        number(
            "sender_dwell_hours_48h",
            "hours",
            "How long money stayed: from the first credit to the first debit of the last 48 hours.",
            "difference",
            "sender_first_in_hours_48h",
            "sender_first_out_hours_48h",
            by=(1.0,),
        )
    ]


def funnel_features(limits: Limits) -> list[Feature]:
    threshold = said(limits.threshold)
    credits = f"the sender's credits under {threshold} in 7 days"
    return [
        count("sender_credits_7d", f"Number of {credits}.", "funnel.count.7d"),
        money("sender_credited_7d", f"Sum of {credits}.", "funnel.sum.7d"),
        count("sender_credit_regions_7d", f"Distinct regions of {credits}.", "funnel.regions.7d"),
        count(
            "sender_credits_here_7d",
            f"Those of {credits} that came from this event's region.",
            "funnel.same_region.7d",
        ),
        money(
            "sender_out_72h",
            "What the sender sent in the last 72 hours, this event included.",
            "funnel.out.72h",
        ),
        number(
            "sender_out_here_72h",
            "money",
            "What the sender sent in this event's region in 72 hours, this event included.",
            "total",
            "funnel.out_here.72h",
            "event.amount_minor",
            by=(MINOR,),
        ),
        number(
            "sender_out_here_share_72h",
            "ratio",
            f"The 72-hour outflow in this event's region over the 7-day credits under {threshold}.",
            "ratio",
            "sender_out_here_72h",
            "sender_credited_7d",
            by=(1.0,),
        ),
    ]
