"""What the event itself says: amount, time, place, balances."""

from ml.domains.payments.history import CARD_PRESENT, NIGHT_HOURS, OUTGOING
from ml.features.builders import LN, flag, money, number
from ml.features.spec import Feature

TYPES = ((1, "payment"), (2, "transfer"), (3, "cash_in"), (4, "cash_out"), (5, "debit"), (6, "refund"))
CHANNELS = ((1, "web"), (2, "mobile"), (3, "pos"), (4, "atm"), (5, "branch"), (6, "api"))


def event_features() -> list[Feature]:
    amount = "event.amount_minor"
    return [
        money("amount", "Amount of the event.", amount),
        number(
            "amount_ln",
            "score",
            "Natural logarithm of the amount in minor units.",
            "scaled",
            "event.amount_ln",
            by=(LN,),
        ),
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
            "score",
            "Sine of the local hour on the 24-hour circle.",
            "cycle_sin",
            "event.local_hour",
            by=(24.0,),
        ),
        number(
            "hour_cos",
            "score",
            "Cosine of the local hour on the 24-hour circle.",
            "cycle_cos",
            "event.local_hour",
            by=(24.0,),
        ),
        number(
            "weekday_sin",
            "score",
            "Sine of the weekday on the 7-day circle.",
            "cycle_sin",
            "weekday",
            by=(7.0,),
        ),
        number(
            "weekday_cos",
            "score",
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
            "is_outgoing",
            "The sender's money leaves: payment, transfer, cash out or debit.",
            "member",
            "event.type",
            by=OUTGOING,
        ),
        flag(
            "sender_is_merchant", "The sender is a merchant.", "scaled", "event.sender_is_merchant", by=(1.0,)
        ),
        flag(
            "receiver_is_merchant",
            "The receiver is a merchant.",
            "scaled",
            "event.receiver_is_merchant",
            by=(1.0,),
        ),
        flag(
            "is_card_present",
            "Made at a point of sale, cash machine or branch.",
            "member",
            "event.channel",
            by=CARD_PRESENT,
        ),
        flag(
            "country_is_home",
            "The event's country is the customer's home country.",
            "equal",
            "event.country_code",
            "event.home_country_code",
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


def text_features() -> list[Feature]:
    return [
        Feature("type", "text", "text", "Kind of the event.", "text", ("event.type",), choices=TYPES),
        Feature(
            "channel", "text", "text", "Channel of the event.", "text", ("event.channel",), choices=CHANNELS
        ),
        Feature(
            "country", "text", "text", "Country of the event, ISO code.", "country", ("event.country_code",)
        ),
        Feature(
            "home_country",
            "text",
            "text",
            "The customer's home country, ISO code.",
            "country",
            ("event.home_country_code",),
        ),
    ]
