"""What an entity (sender, receiver, card, device, IP, merchant) did lately."""

from ml.domains.payments.history import (
    COUNTERPARTIES,
    DECLINE_WINDOWS,
    LABEL_DELAY,
    RATE_WINDOWS,
    WINDOWS,
)
from ml.features.builders import MINOR, count, money, number
from ml.features.durations import DAY, HOUR, SECOND
from ml.features.spec import Feature

LONG = {"1h": "1 hour", "24h": "24 hours", "1d": "1 day", "7d": "7 days", "30d": "30 days"}


def activity_features(entity: str) -> list[Feature]:
    other = COUNTERPARTIES[entity]
    made = []
    for text in WINDOWS:
        last = f"of this {entity} in the last {LONG[text]}, this one included"
        total, n = f"{entity}.sum.{text}", f"{entity}.count.{text}"
        made += [
            count(f"{entity}_count_{text}", f"Events {last}.", n),
            money(f"{entity}_sum_{text}", f"Sum of the amounts {last}.", total),
            money(f"{entity}_max_{text}", f"Largest amount {last}.", f"{entity}.max.{text}"),
            number(f"{entity}_mean_{text}", "money", f"Mean amount {last}.", "ratio", total, n, by=(MINOR,)),
            count(f"{entity}_{other}s_{text}", f"Distinct {other}s {last}.", f"{entity}.{other}s.{text}"),
        ]
    since = number(
        f"{entity}_seconds_since_last",
        "seconds",
        f"Time since this {entity}'s previous event.",
        "scaled",
        f"{entity}.since",
        by=(SECOND,),
    )
    return [*made, since]


def usual_count(entity: str) -> Feature:
    return number(
        f"{entity}_usual_count_1h",
        "count",
        f"The {entity}'s mean hourly count over 30 days up to 1 hour ago.",
        "pace",
        f"{entity}.count.30d_1h",
        f"{entity}.horizon",
        "event.occurred_at",
        by=(30 * DAY, HOUR, HOUR, 1.0),
    )


def card_testing_features() -> list[Feature]:
    made = []
    for entity in ("device", "ip", "merchant"):
        small = f"payments of at most 2.00 at this {entity} in the last hour"
        made += [
            count(f"{entity}_small_count_1h", f"Number of {small}.", f"{entity}.small.1h"),
            count(f"{entity}_small_cards_1h", f"Distinct cards of {small}.", f"{entity}.small_cards.1h"),
        ]
    usual = number(
        "merchant_usual_small_count_1h",
        "count",
        "The merchant's mean hourly count of payments of at most 2.00 over 30 days up to 1 hour ago.",
        "pace",
        "merchant.small.30d_1h",
        "merchant.horizon",
        "event.occurred_at",
        by=(30 * DAY, HOUR, HOUR, 1.0),
    )
    return [*made, usual]


def fraud_rate_features(entity: str) -> list[Feature]:
    settled, label = f"{entity}_settled", f"{entity}_label"
    made = []
    for text, window in RATE_WINDOWS.items():
        frauds, events = f"{label}.frauds.{text}", f"{settled}.count.{text}"
        ago = f"the {LONG[text]} up to 7 days ago"
        made += [
            number(
                f"{entity}_fraud_rate_{text}",
                "share",
                f"Fraud labels about this {entity} known in the last {LONG[text]}, over its events of {ago}.",
                "label_rate",
                frauds,
                f"{label}.horizon",
                events,
                f"{settled}.horizon",
                "event.occurred_at",
                by=(window, LABEL_DELAY),
            ),
            count(
                f"{entity}_fraud_n_{text}",
                f"Events of this {entity} in {ago}.",
                events,
            ),
        ]
    return made


def decline_features(entity: str) -> list[Feature]:
    return [
        number(
            f"{entity}_decline_share_{text}",
            "share",
            f"Declines of this {entity} that became known in the last {LONG[text]}, over its events of then.",
            "label_rate",
            f"{entity}_status.declines.{text}",
            f"{entity}_status.horizon",
            f"{entity}.count.{text}",
            f"{entity}.horizon",
            "event.occurred_at",
            by=(WINDOWS[text], 0),
        )
        for text in DECLINE_WINDOWS
    ]
