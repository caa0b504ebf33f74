"""Money that passes through the sender's account: what came in within 48 hours, and what went out.

Needs the streams `sender` (what the sender sends) and `s_in` (what it receives).
"""

from ml.domains.codes import CASH_IN, OUTGOING
from ml.features.builders import MINOR, flag, money, number
from ml.features.durations import DAY, HOUR
from ml.features.spec import Feature, Primitive


def primitives() -> list[Primitive]:
    """Money in: what others send to the sender, and its own cash deposits. Money out: what it sends."""
    two_days, quarter = 2 * DAY, 90 * DAY
    credit, deposit = (("type", "!=", CASH_IN),), (("type", "==", CASH_IN),)
    debit = (("type", "in", OUTGOING),)
    made = []
    for name, stream, where in (("credit", "s_in", credit), ("deposit", "sender", deposit)):
        made += [
            Primitive(f"{name}.sum.48h", stream, "sum", "amount_minor", two_days, where=where),
            Primitive(f"{name}.count.48h", stream, "count", window=two_days, where=where),
            Primitive(f"{name}.first.48h", stream, "min", "occurred_at", two_days, where=where),
            Primitive(
                f"{name}.sum.90d_48h", stream, "sum", "amount_minor", quarter, until=two_days, where=where
            ),
        ]
    return [
        *made,
        Primitive("debit.sum.48h", "sender", "sum", "amount_minor", two_days, where=debit),
        Primitive("debit.first.48h", "sender", "min", "occurred_at", two_days, where=debit),
        Primitive("credit.horizon", "s_in", "horizon"),
        Primitive("credit.oldest", "s_in", "oldest"),
        Primitive("sender.horizon", "sender", "horizon"),
        Primitive("sender.oldest", "sender", "oldest"),
    ]


def features() -> list[Feature]:
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
    ]
