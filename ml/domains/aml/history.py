"""Whose history the aml features read, and the integers taken from it."""

from dataclasses import dataclass

from ml.domains import pass_through, profile
from ml.domains.codes import CASH, CASH_IN, OUTGOING
from ml.features.durations import DAY, HOUR
from ml.features.spec import Condition, Primitive, Stream

CREDIT = (("type", "!=", CASH_IN),)
DEBIT = (("type", "in", OUTGOING),)

WEEK, MONTH, QUARTER = 7 * DAY, 30 * DAY, 90 * DAY
WINDOWS = {"24h": DAY, "7d": WEEK, "30d": MONTH}
COUNTERPARTIES = {"sender": "receiver", "receiver": "sender"}

STREAMS = (
    Stream("sender", "sender_key", "sender_key"),
    Stream("receiver", "receiver_key", "receiver_key"),
    Stream("r_out", "sender_key", "receiver_key"),  # what this receiver sends
    Stream("s_in", "receiver_key", "sender_key"),  # what this sender receives
)


@dataclass(frozen=True)
class Limits:
    """What follows from the reporting threshold T, in minor units of the reporting currency."""

    threshold: int = 1_000_000

    @property
    def near(self) -> int:
        """Amounts from here up to T keep just below the report."""
        return self.threshold * 8 // 10

    @property
    def near_threshold(self) -> tuple[Condition, ...]:
        return ("amount_minor", ">=", self.near), ("amount_minor", "<", self.threshold)

    @property
    def small(self) -> tuple[Condition, ...]:
        return (("amount_minor", "<", self.near),)

    @property
    def unreported_credit(self) -> tuple[Condition, ...]:
        return (*CREDIT, ("amount_minor", "<", self.threshold))

    @property
    def round(self) -> tuple[Condition, ...]:
        """Multiples of a tenth of T, as a number of the original currency."""
        return ("original_minor", "multiple", self.threshold // 10), ("original_minor", ">", 0)


# The two streams of an account: those it stands in with this event, and those of its other side.
SIDES = {"sender": ("sender", "s_in"), "receiver": ("receiver", "r_out")}


def _activity(side: str) -> list[Primitive]:
    made = []
    for text, window in WINDOWS.items():
        made += [
            Primitive(f"{side}.count.{text}", side, "count", window=window),
            Primitive(f"{side}.sum.{text}", side, "sum", "amount_minor", window),
        ]
    return made


def _structuring(limits: Limits) -> list[Primitive]:
    near = {"window": DAY, "where": limits.near_threshold}
    cash = (*limits.near_threshold, ("type", "in", CASH))
    return [
        Primitive("near.count.24h", "sender", "count", **near),
        Primitive("near.sum.24h", "sender", "sum", "amount_minor", **near),
        Primitive("near.max.24h", "sender", "max", "amount_minor", **near),
        Primitive("near.branches.24h", "sender", "distinct", "branch_key", **near),
        Primitive("near.channels.24h", "sender", "distinct", "channel", **near),
        Primitive("near.cash.24h", "sender", "count", window=DAY, where=cash),
        Primitive(
            "near.count.90d_24h", "sender", "count", window=QUARTER, until=DAY, where=limits.near_threshold
        ),
    ]


def _smurfing(limits: Limits) -> list[Primitive]:
    small = {"window": WEEK, "where": limits.small}
    return [
        Primitive("small.count.7d", "receiver", "count", **small),
        Primitive("small.sum.7d", "receiver", "sum", "amount_minor", **small),
        Primitive("small.senders.7d", "receiver", "distinct", "sender_key", **small),
        Primitive("small.days.7d", "receiver", "distinct", "day", **small),
        Primitive("receiver.sum.90d_7d", "receiver", "sum", "amount_minor", QUARTER, until=WEEK),
        Primitive("receiver.horizon", "receiver", "horizon"),
        Primitive("receiver.oldest", "receiver", "oldest"),
        Primitive("receiver_out.oldest", "r_out", "oldest"),
    ]


def _funnel(limits: Limits) -> list[Primitive]:
    credit = {"window": WEEK, "where": limits.unreported_credit}
    return [
        Primitive("funnel.count.7d", "s_in", "count", **credit),
        Primitive("funnel.sum.7d", "s_in", "sum", "amount_minor", **credit),
        Primitive("funnel.regions.7d", "s_in", "distinct", "region_key", **credit),
        Primitive("funnel.same_region.7d", "s_in", "same", "region_key", **credit),
        Primitive("funnel.out.72h", "sender", "sum", "amount_minor", 72 * HOUR, where=DEBIT),
        Primitive("funnel.out_here.72h", "sender", "same_amount", "region_key", 72 * HOUR, where=DEBIT),
    ]


def _fan(side: str) -> list[Primitive]:
    other = COUNTERPARTIES[side]
    key = f"{other}_key"
    return [
        Primitive(f"{side}.{other}s.24h", side, "distinct", key, DAY),
        Primitive(f"{side}.{other}s.90d", side, "distinct", key, QUARTER),
        Primitive(f"{side}.{other}s.90d_24h", side, "distinct", key, QUARTER, until=DAY),
        Primitive(f"{side}.count.90d_24h", side, "count", window=QUARTER, until=DAY),
    ]


def _dormancy(side: str) -> list[Primitive]:
    """The first event of the last 7 days and the last one before them, on both sides of the account."""
    made = []
    for stream in SIDES[side]:
        made += [
            Primitive(f"{side}.{stream}.first.7d", stream, "min", "occurred_at", WEEK),
            Primitive(f"{side}.{stream}.before.7d", stream, "max", "occurred_at", until=WEEK),
        ]
    other = SIDES[side][1]
    return [
        *made,
        Primitive(f"{side}.{other}.count.7d", other, "count", window=WEEK),
        Primitive(f"{side}.{other}.sum.7d", other, "sum", "amount_minor", WEEK),
    ]


def _habits(limits: Limits) -> list[Primitive]:
    return [
        Primitive("sender.sum.210d_30d", "sender", "sum", "amount_minor", 210 * DAY, until=MONTH),
        Primitive("sender.same_country_sum.30d", "sender", "same_amount", "country_code", MONTH),
        Primitive("round.count.7d", "sender", "count", window=WEEK, where=limits.round),
        Primitive("round.sum.7d", "sender", "sum", "amount_minor", WEEK, where=limits.round),
    ]


def primitives(limits: Limits) -> tuple[Primitive, ...]:
    """Every integer that the features are computed from."""
    return (
        *(p for side in SIDES for p in _activity(side)),
        *_structuring(limits),
        *_smurfing(limits),
        *pass_through.primitives(),
        *_funnel(limits),
        *(p for side in SIDES for p in _fan(side)),
        *(p for side in SIDES for p in _dormancy(side)),
        *profile.primitives(),
        *_habits(limits),
    )
