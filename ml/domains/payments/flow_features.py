"""Money that passes through the sender's or the receiver's account."""

from ml.features.builders import MINOR, count, flag, money, number
from ml.features.durations import DAY, HOUR
from ml.features.spec import Feature


def pass_through_features() -> list[Feature]:
    return [
        number(
            "sender_in_48h",
            "money",
            "What the sender received in the last 48 hours, its cash deposits too.",
            "total",
            "credit.sum.48h",
            "deposit.sum.48h",
            by=(MINOR,),
        ),
        number(
            "sender_in_count_48h",
            "count",
            "Credits the sender received in the last 48 hours.",
            "total",
            "credit.count.48h",
            "deposit.count.48h",
            by=(1.0,),
        ),
        money(
            "sender_out_48h",
            "What the sender sent in the last 48 hours, this event included.",
            "debit.sum.48h",
        ),
        number(
            "sender_out_in_ratio_48h",
            "ratio",
            "What the sender sent over what it received in 48 hours.",
            "ratio",
            "sender_out_48h",
            "sender_in_48h",
            by=(1.0,),
        ),
        number(
            "sender_first_in_hours_48h",
            "hours",
            "Age of the first credit in the last 48 hours.",
            "age_of_earliest",
            "event.occurred_at",
            "credit.first.48h",
            "deposit.first.48h",
            by=(HOUR,),
        ),
        number(
            "sender_first_out_hours_48h",
            "hours",
            "Age of the first debit in the last 48 hours.",
            "difference",
            "event.occurred_at",
            "debit.first.48h",
            by=(HOUR,),
        ),
        flag(
            "sender_out_follows_in_48h",
            "The first debit of the last 48 hours came after the first credit.",
            "later_than_earliest",
            "debit.first.48h",
            "credit.first.48h",
            "deposit.first.48h",
        ),
        number(
            "sender_usual_credit_48h",
            "money",
            "Mean 48-hour receipts over 90 days up to 48 hours ago.",
            "pace",
            "credit.sum.90d_48h",
            "credit.horizon",
            "event.occurred_at",
            by=(90 * DAY, 2 * DAY, 2 * DAY, MINOR),
        ),
        number(
            "sender_usual_deposit_48h",
            "money",
            "Mean 48-hour cash deposits over 90 days up to 48 hours ago.",
            "pace",
            "deposit.sum.90d_48h",
            "sender.horizon",
            "event.occurred_at",
            by=(90 * DAY, 2 * DAY, 2 * DAY, MINOR),
        ),
        number(
            "sender_usual_in_48h",
            "money",
            "Mean 48-hour inflow over 90 days up to 48 hours ago.",
            "total",
            "sender_usual_credit_48h",
            "sender_usual_deposit_48h",
            by=(1.0,),
        ),
        number(
            "sender_account_days",
            "days",
            "Time since the sender was first seen, sending or receiving.",
            "age_of_earliest",
            "event.occurred_at",
            "sender.oldest",
            "credit.oldest",
            by=(DAY,),
        ),
        money("receiver_out_48h", "What the receiver sent in the last 48 hours.", "receiver_out.sum.48h"),
        count(
            "receiver_out_count_48h", "Debits of the receiver in the last 48 hours.", "receiver_out.count.48h"
        ),
    ]
