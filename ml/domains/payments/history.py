"""Whose history the payments features read, and the integers taken from it."""

from ml.domains import pass_through, profile
from ml.domains.codes import OUTGOING, PAYMENT
from ml.features.columns import LABEL_TABLE, STATUS_TABLE
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

# Whose declines are counted, over the windows of its activity.
DECLINED = ("sender", "card", "device", "ip")
DECLINE_WINDOWS = ("24h", "7d")
DECLINE = (("declined_delta", "!=", 0),)

SMALL_PAYMENT = (("type", "==", PAYMENT), ("amount_minor", "<=", 200))
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
    *(Stream(f"{e}_status", f"{e}_key", f"{e}_key", table=STATUS_TABLE, where=DECLINE) for e in DECLINED),
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
        Primitive("sender.total.30d", "sender", "sum", "amount_minor", month, prior=True),
        Primitive("sender.largest.90d", "sender", "max", "amount_minor", quarter, prior=True),
        Primitive("sender.p95.30d", "sender", "quantile", "amount_minor", month, prior=True, quantile=95),
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


def _card_testing(entity: str) -> list[Primitive]:
    return [
        Primitive(f"{entity}.small.1h", entity, "count", window=HOUR, where=SMALL_PAYMENT),
        Primitive(f"{entity}.small_cards.1h", entity, "distinct", "card_key", HOUR, where=SMALL_PAYMENT),
    ]


def _receiver_out() -> list[Primitive]:
    debit = (("type", "in", OUTGOING),)
    return [
        Primitive("receiver_out.sum.48h", "r_out", "sum", "amount_minor", 2 * DAY, where=debit),
        Primitive("receiver_out.count.48h", "r_out", "count", window=2 * DAY, where=debit),
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


def _declines(entity: str) -> list[Primitive]:
    status = f"{entity}_status"
    made = [Primitive(f"{status}.horizon", status, "horizon")]
    for text in DECLINE_WINDOWS:
        made.append(Primitive(f"{status}.declines.{text}", status, "sum", "declined_delta", WINDOWS[text]))
    return made


PRIMITIVES = (
    *(p for e in ENTITIES for p in _activity(e)),
    *profile.primitives(),
    *_sender_baseline(),
    *_location(),
    *(Primitive(f"{e}.count.30d_1h", e, "count", window=30 * DAY, until=HOUR) for e in ("sender", "card")),
    *(p for e in ("device", "ip", "merchant") for p in _card_testing(e)),
    *(Primitive(f"{e}.horizon", e, "horizon") for e in ("card", "device", "ip", "merchant")),
    Primitive("merchant.small.30d_1h", "merchant", "count", window=30 * DAY, until=HOUR, where=SMALL_PAYMENT),
    *pass_through.primitives(),
    *_receiver_out(),
    *(p for e in RATED for p in _fraud_rates(e)),
    *(p for e in DECLINED for p in _declines(e)),
)
