"""What an account does: how much, with how many others, after how long a rest, against its habits."""

from ml.domains.aml.flow_features import said
from ml.domains.aml.history import COUNTERPARTIES, MONTH, QUARTER, SIDES, WINDOWS, Limits
from ml.features.builders import MINOR, count, money, number
from ml.features.durations import DAY
from ml.features.spec import Feature

LONG = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}


def activity_features(side: str) -> list[Feature]:
    made = []
    for text in WINDOWS:
        last = f"of this {side} in the last {LONG[text]}, this one included"
        made += [
            count(f"{side}_count_{text}", f"Events {last}.", f"{side}.count.{text}"),
            money(f"{side}_sum_{text}", f"Sum of the amounts {last}.", f"{side}.sum.{text}"),
        ]
    return made


def fan_features(side: str) -> list[Feature]:
    other = COUNTERPARTIES[side]
    return [
        count(
            f"{side}_{other}s_24h",
            f"Distinct {other}s of this {side} in the last 24 hours, this one included.",
            f"{side}.{other}s.24h",
        ),
        number(
            f"{side}_new_{other}s_24h",
            "count",
            f"Of these, {other}s unseen in the earlier 90 days.",
            "difference",
            f"{side}.{other}s.90d",
            f"{side}.{other}s.90d_24h",
            by=(1.0,),
        ),
        number(
            f"{side}_usual_count_24h",
            "count",
            f"The {side}'s mean daily count of events over 90 days up to 24 hours ago.",
            "pace",
            f"{side}.count.90d_24h",
            f"{side}.horizon",
            "event.occurred_at",
            by=(QUARTER, DAY, DAY, 1.0),
        ),
    ]


def dormancy_features(side: str) -> list[Feature]:
    own, other = SIDES[side]
    return [
        number(
            f"{side}_gap_days",
            "days",
            f"How long the {side}'s account had rested before its first event of the last 7 days.",
            "gap",
            f"{side}.{own}.first.7d",
            f"{side}.{other}.first.7d",
            f"{side}.{own}.before.7d",
            f"{side}.{other}.before.7d",
            by=(DAY,),
        ),
        number(
            f"{side}_moves_7d",
            "count",
            f"Events of the {side}'s account in 7 days, sent or received.",
            "total",
            f"{side}.count.7d",
            f"{side}.{other}.count.7d",
            by=(1.0,),
        ),
        number(
            f"{side}_moved_7d",
            "money",
            f"What the {side}'s account sent and received in 7 days.",
            "total",
            f"{side}.sum.7d",
            f"{side}.{other}.sum.7d",
            by=(MINOR,),
        ),
    ]


def habit_features(limits: Limits) -> list[Feature]:
    return [
        number(
            "sender_usual_sum_30d",
            "money",
            "The sender's mean 30-day sum over the 6 months up to 30 days ago.",
            "pace",
            "sender.sum.210d_30d",
            "sender.horizon",
            "event.occurred_at",
            by=(7 * MONTH, MONTH, MONTH, MINOR),
        ),
        number(
            "sender_sum_30d_over_usual",
            "ratio",
            "The sender's 30-day sum over its mean 30-day sum.",
            "ratio",
            "sender_sum_30d",
            "sender_usual_sum_30d",
            by=(1.0,),
        ),
        number(
            "sender_sum_30d_over_threshold",
            "ratio",
            f"The sender's 30-day sum over the reporting threshold of {said(limits.threshold)}.",
            "scaled",
            "sender.sum.30d",
            by=(limits.threshold,),
        ),
        number(
            "sender_country_sum_30d",
            "money",
            "What the sender moved in this event's country in 30 days, this event included.",
            "total",
            "sender.same_country_sum.30d",
            "event.amount_minor",
            by=(MINOR,),
        ),
        count(
            "sender_round_count_7d",
            "The sender's events in 7 days of a multiple of "
            f"{said(limits.threshold // 10)} in the original currency.",
            "round.count.7d",
        ),
        money("sender_round_sum_7d", "Sum of these round amounts.", "round.sum.7d"),
        number(
            "sender_round_share_7d",
            "share",
            "Share of the sender's events in 7 days that are of round amounts.",
            "ratio",
            "round.count.7d",
            "sender.count.7d",
            by=(1.0,),
        ),
    ]
