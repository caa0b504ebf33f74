"""How the event compares with what its sender usually does."""

from ml.domains.codes import CARD_PRESENT
from ml.domains.payments.entity_features import usual_count
from ml.features.builders import MINOR, count, flag, money, number
from ml.features.durations import DAY, SECOND
from ml.features.spec import Feature


def baseline_features() -> list[Feature]:
    return [
        count("sender_earlier_count_30d", "The sender's earlier events in 30 days.", "sender.n.30d"),
        number(
            "sender_earlier_mean_30d",
            "money",
            "Mean amount of the sender's earlier events in 30 days.",
            "ratio",
            "sender.total.30d",
            "sender.n.30d",
            by=(MINOR,),
        ),
        money(
            "sender_earlier_p95_30d",
            "95th percentile of the sender's earlier amounts in 30 days.",
            "sender.p95.30d",
        ),
        money(
            "sender_earlier_max_90d",
            "Largest of the sender's earlier amounts in 90 days.",
            "sender.largest.90d",
        ),
        number(
            "amount_over_sender_mean_30d",
            "ratio",
            "Amount over the sender's earlier 30-day mean.",
            "ratio",
            "amount",
            "sender_earlier_mean_30d",
            by=(1.0,),
        ),
        number(
            "sender_usual_sum_24h",
            "money",
            "The sender's mean daily sum over 30 days up to 24 hours ago.",
            "pace",
            "sender.sum.30d_24h",
            "sender.horizon",
            "event.occurred_at",
            by=(30 * DAY, DAY, DAY, MINOR),
        ),
        number(
            "sender_sum_24h_over_usual",
            "ratio",
            "The sender's 24-hour sum over its mean daily sum.",
            "ratio",
            "sender_sum_24h",
            "sender_usual_sum_24h",
            by=(1.0,),
        ),
        *(usual_count(entity) for entity in ("sender", "card")),
        number(
            "sender_night_share_90d",
            "share",
            "Share of the sender's earlier events in 90 days at night.",
            "ratio",
            "sender.night.90d",
            "sender.n.90d",
            by=(1.0,),
        ),
        count(
            "sender_country_count_90d",
            "The sender's earlier events in 90 days in this event's country.",
            "sender.same_country.90d",
        ),
        flag(
            "first_pair",
            "The sender never sent to this receiver before.",
            "complement",
            "sender.seen_receiver",
        ),
        flag("first_device", "The sender never used this device before.", "complement", "sender.seen_device"),
        flag(
            "first_country",
            "The sender never acted in this country before.",
            "complement",
            "sender.seen_country",
        ),
        number(
            "sender_history_days",
            "days",
            "Time since the sender's first event.",
            "difference",
            "event.occurred_at",
            "sender.oldest",
            by=(DAY,),
        ),
    ]


def location_features() -> list[Feature]:
    return [
        number(
            "travel_km",
            "km",
            "Distance from the sender's last located event.",
            "distance",
            "sender.located_latitude",
            "sender.located_longitude",
            "event.latitude_e6",
            "event.longitude_e6",
        ),
        number(
            "travel_seconds",
            "seconds",
            "Time since the sender's last located event.",
            "difference",
            "event.occurred_at",
            "sender.located_time",
            by=(SECOND,),
        ),
        number(
            "travel_kmh",
            "km/h",
            "Speed implied since the last located event; less than 1 s counts as 1 s.",
            "speed",
            "travel_km",
            "travel_seconds",
        ),
        flag(
            "travel_last_card_present",
            "The sender's last located event was card-present.",
            "member",
            "sender.located_channel",
            by=CARD_PRESENT,
        ),
        flag(
            "travel_both_card_present",
            "This event and the sender's last located one are card-present.",
            "both",
            "is_card_present",
            "travel_last_card_present",
        ),
    ]
