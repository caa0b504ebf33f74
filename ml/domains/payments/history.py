"""Whose history the payments features read, and the integers taken from it."""

from ml.features.columns import LABEL_TABLE
from ml.features.durations import DAY, HOUR
from ml.features.spec import Primitive, Stream

ENTITIES = ("sender", "receiver", "card", "device", "ip", "merchant")
WINDOWS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}

# Whom an entity deals with: its distinct values are counted.
COUNTERPARTIES = {
    "sender": "receiver",
    "receiver": "sender",
    "card": "receiver",
    "device": "sender",
    "ip": "sender",
    "merchant": "sender",
}

# A chargeback or report needs time to arrive: fraud is rated against events at least this old.
LABEL_DELAY = 7 * DAY
RATED = ("merchant", "device", "ip", "receiver")
RATE_WINDOWS = {"1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}

PAYMENT, TRANSFER, CASH_IN, CASH_OUT, DEBIT, REFUND = 1, 2, 3, 4, 5, 6
OUTGOING = (PAYMENT, TRANSFER, CASH_OUT, DEBIT)
SMALL_PAYMENT = (("type", "==", PAYMENT), ("amount_minor", "<=", 200))
CARD_PRESENT = (3, 4, 5)  # pos, atm, branch
NIGHT_HOURS = (0, 1, 2, 3, 4, 5)
LOCATED = (("latitude_e6", "known", None), ("longitude_e6", "known", None))

STREAMS = (
    *(Stream(e, f"{e}_key", f"{e}_key") for e in ENTITIES),
    Stream("r_out", "sender_key", "receiver_key"),  # what this receiver sends
    Stream("s_in", "receiver_key", "sender_key"),  # what this sender receives
    *(Stream(f"{e}_settled", f"{e}_key", f"{e}_key", delay=LABEL_DELAY) for e in RATED),
    *(
        Stream(f"{e}_label", f"{e}_key", f"{e}_key", table=LABEL_TABLE, where=(("fraud_delta", "!=", 0),))
        for e in RATED
    ),
)


def _activity(entity: str) -> list[Primitive]:
    made = []
    other = COUNTERPARTIES[entity]
    for text, window in WINDOWS.items():
        made += [
            Primitive(f"{entity}.count.{text}", entity, "count", window=window),
            Primitive(f"{entity}.sum.{text}", entity, "sum", "amount_minor", window),
            Primitive(f"{entity}.max.{text}", entity, "max", "amount_minor", window),
            Primitive(f"{entity}.{other}s.{text}", entity, "distinct", f"{other}_key", window),
        ]
    return [*made, Primitive(f"{entity}.since", entity, "since")]


def _sender_baseline() -> list[Primitive]:
    month, quarter = 30 * DAY, 90 * DAY
    return [
        Primitive("sender.n.30d", "sender", "count", window=month, prior=True),
        Primitive("sender.n.90d", "sender", "count", window=quarter, prior=True),
        Primitive("sender.total.30d", "sender", "sum", "amount_minor", month, prior=True),
        Primitive("sender.largest.90d", "sender", "max", "amount_minor", quarter, prior=True),
        Primitive("sender.p95.30d", "sender", "quantile", "amount_minor", month, prior=True, quantile=95),
        Primitive(
            "sender.median.90d", "sender", "quantile", "amount_minor", quarter, prior=True, quantile=50
        ),
        Primitive("sender.ln_sum.90d", "sender", "sum", "amount_ln", quarter, prior=True),
        Primitive("sender.ln_squares.90d", "sender", "sumsq", "amount_ln", quarter, prior=True),
        Primitive("sender.sum.30d_24h", "sender", "sum", "amount_minor", month, until=DAY),
        Primitive(
            "sender.night.90d",
            "sender",
            "count",
            window=quarter,
            prior=True,
            where=(("local_hour", "in", NIGHT_HOURS),),
        ),
        Primitive("sender.same_country.90d", "sender", "same", "country_code", quarter, prior=True),
        Primitive("sender.seen_receiver", "sender", "seen", "receiver_key"),
        Primitive("sender.seen_device", "sender", "seen", "device_key"),
        Primitive("sender.seen_country", "sender", "seen", "country_code"),
        Primitive("sender.oldest", "sender", "oldest"),
    ]


def _location() -> list[Primitive]:
    columns = {
        "latitude": "latitude_e6",
        "longitude": "longitude_e6",
        "time": "occurred_at",
        "channel": "channel",
    }
    return [
        Primitive(f"sender.located_{name}", "sender", "last", column, where=LOCATED)
        for name, column in columns.items()
    ]


def _usual(entity: str) -> list[Primitive]:
    return [
        Primitive(f"{entity}.horizon", entity, "horizon"),
        Primitive(f"{entity}.count.30d_1h", entity, "count", window=30 * DAY, until=HOUR),
    ]


def _card_testing(entity: str) -> list[Primitive]:
    return [
        Primitive(f"{entity}.small.1h", entity, "count", window=HOUR, where=SMALL_PAYMENT),
        Primitive(f"{entity}.small_cards.1h", entity, "distinct", "card_key", HOUR, where=SMALL_PAYMENT),
    ]


def _pass_through() -> list[Primitive]:
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
        Primitive("receiver_out.sum.48h", "r_out", "sum", "amount_minor", two_days, where=debit),
        Primitive("receiver_out.count.48h", "r_out", "count", window=two_days, where=debit),
    ]


def _fraud_rates(entity: str) -> list[Primitive]:
    settled, label = f"{entity}_settled", f"{entity}_label"
    made = [
        Primitive(f"{settled}.horizon", settled, "horizon"),
        Primitive(f"{label}.horizon", label, "horizon"),
    ]
    for text, window in RATE_WINDOWS.items():
        made += [
            Primitive(f"{settled}.count.{text}", settled, "count", window=LABEL_DELAY + window),
            Primitive(f"{label}.frauds.{text}", label, "sum", "fraud_delta", window),
        ]
    return made


PRIMITIVES = (
    *(p for e in ENTITIES for p in _activity(e)),
    *_sender_baseline(),
    *_location(),
    *_usual("sender"),
    *_usual("card"),
    *(p for e in ("device", "ip", "merchant") for p in _card_testing(e)),
    Primitive("merchant.horizon", "merchant", "horizon"),
    Primitive("merchant.small.30d_1h", "merchant", "count", window=30 * DAY, until=HOUR, where=SMALL_PAYMENT),
    *_pass_through(),
    *(p for e in RATED for p in _fraud_rates(e)),
)
