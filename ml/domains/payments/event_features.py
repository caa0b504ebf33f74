"""What the event itself says: time, card presence, balances."""

from ml.domains.codes import CARD_PRESENT
from ml.domains.payments.history import NIGHT_HOURS
from ml.features.builders import flag, money, number
from ml.features.spec import Feature


def event_features() -> list[Feature]:
    return [
        number(
            "hour_of_day",
            "hour",
            "Local hour of the event, 0 to 23.",
            "scaled",
            "event.local_hour",
            by=(1.0,),
        ),
        number(
            "weekday",
            "day",
            "Local day of the week, 0 for Monday.",
            "weekday",
            "event.occurred_at",
            "event.local_hour",
        ),
        number(
            "hour_sin",
            "cycle",
            "Sine of the local hour on the 24-hour circle.",
            "cycle_sin",
            "event.local_hour",
            by=(24.0,),
        ),
        number(
            "hour_cos",
            "cycle",
            "Cosine of the local hour on the 24-hour circle.",
            "cycle_cos",
            "event.local_hour",
            by=(24.0,),
        ),
        number(
            "weekday_sin",
            "cycle",
            "Sine of the weekday on the 7-day circle.",
            "cycle_sin",
            "weekday",
            by=(7.0,),
        ),
        number(
            "weekday_cos",
            "cycle",
            "Cosine of the weekday on the 7-day circle.",
            "cycle_cos",
            "weekday",
            by=(7.0,),
        ),
        flag(
            "is_night",
            "Local hour from 0 to 5.",
            "member",
            "event.local_hour",
            by=NIGHT_HOURS,
        ),
        flag(
            "is_card_present",
            "Made at a point of sale, cash machine or branch.",
            "member",
            "event.channel",
            by=CARD_PRESENT,
        ),
    ]


def balance_features() -> list[Feature]:
    amount, kind = "event.amount_minor", "event.type"
    sides = []
    for side, direction in (("sender", -1.0), ("receiver", 1.0)):
        before, after = f"event.{side}_before_minor", f"event.{side}_after_minor"
        sides += [
            money(f"{side}_balance_before", f"The {side}'s balance before the event.", before),
            money(f"{side}_balance_after", f"The {side}'s balance after the event.", after),
            number(
                f"{side}_balance_mismatch",
                "share",
                f"How far the {side}'s balances are from adding up, over the amount; missing for refunds.",
                "mismatch",
                before,
                after,
                amount,
                kind,
                by=(direction,),
            ),
        ]
    drained = number(
        "drained_share",
        "share",
        "Amount over the sender's balance before the event.",
        "ratio",
        amount,
        "event.sender_before_minor",
        by=(1.0,),
    )
    return [*sides, drained]
