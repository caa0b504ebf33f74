"""How the amount compares with the sender's own amounts of the last 90 days.

Needs the stream `sender`, and the features `amount` and `amount_ln`.
"""

from ml.features.builders import LN, count, money, number
from ml.features.durations import DAY
from ml.features.spec import Feature, Primitive


def primitives() -> list[Primitive]:
    quarter = 90 * DAY
    return [
        Primitive("sender.n.90d", "sender", "count", window=quarter, prior=True),
        Primitive(
            "sender.median.90d", "sender", "quantile", "amount_minor", quarter, prior=True, quantile=50
        ),
        Primitive("sender.ln_sum.90d", "sender", "sum", "amount_ln", quarter, prior=True),
        Primitive("sender.ln_squares.90d", "sender", "sumsq", "amount_ln", quarter, prior=True),
    ]


def features() -> list[Feature]:
    return [
        count("sender_earlier_count_90d", "The sender's earlier events in 90 days.", "sender.n.90d"),
        money(
            "sender_earlier_median_90d",
            "Median of the sender's earlier amounts in 90 days.",
            "sender.median.90d",
        ),
        number(
            "sender_ln_mean_90d",
            "score",
            "Mean of ln(amount) of the sender's earlier events in 90 days.",
            "ratio",
            "sender.ln_sum.90d",
            "sender.n.90d",
            by=(LN,),
        ),
        number(
            "sender_ln_sd_90d",
            "score",
            "Standard deviation of ln(amount) of the sender's earlier events in 90 days.",
            "deviation",
            "sender.n.90d",
            "sender.ln_sum.90d",
            "sender.ln_squares.90d",
            by=(LN,),
        ),
        number(
            "sender_ln_z_90d",
            "score",
            "Standard deviations of ln(amount) above the sender's own mean.",
            "standardised",
            "amount_ln",
            "sender_ln_mean_90d",
            "sender_ln_sd_90d",
        ),
        number(
            "amount_over_sender_median_90d",
            "ratio",
            "Amount over the sender's earlier 90-day median.",
            "ratio",
            "amount",
            "sender_earlier_median_90d",
            by=(1.0,),
        ),
    ]
