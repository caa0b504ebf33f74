"""What every movement of money says of itself: how much, which way, by whom, where."""

from ml.domains.codes import CHANNELS, OUTGOING, TYPES
from ml.features.builders import LN, flag, money, number
from ml.features.spec import Feature


def features() -> list[Feature]:
    return [
        money("amount", "Amount of the event.", "event.amount_minor"),
        number(
            "amount_ln",
            "score",
            "Natural logarithm of the amount in minor units.",
            "scaled",
            "event.amount_ln",
            by=(LN,),
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
            "country_is_home",
            "The event's country is the customer's home country.",
            "equal",
            "event.country_code",
            "event.home_country_code",
        ),
    ]


def texts() -> list[Feature]:
    return [
        Feature("type", "text", "text", "Kind of the event.", "text", ("event.type",), choices=TYPES),
        Feature(
            "channel", "text", "text", "Channel of the event.", "text", ("event.channel",), choices=CHANNELS
        ),
        country("country", "Country of the event", "country_code"),
        country("home_country", "The customer's home country", "home_country_code"),
    ]


def country(name: str, meaning: str, column: str) -> Feature:
    return Feature(name, "text", "text", f"{meaning}, ISO code.", "country", (f"event.{column}",))
