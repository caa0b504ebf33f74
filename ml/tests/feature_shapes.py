"""A feature set of the shapes that payments does not use, so that the executors are tested on them too."""

from ml.domains.aml.features import AML
from ml.domains.payments import history
from ml.features.columns import STATUS_TABLE
from ml.features.durations import DAY, HOUR
from ml.features.spec import FeatureSet, Primitive, Stream

_ROUND = (("amount_minor", "multiple", 100_000),)
_BELOW = (("amount_minor", "<", 800_000),)

_PRIMITIVES = (
    Primitive("out_receivers", "r_out", "distinct", "receiver_key", 2 * DAY),
    Primitive("in_branches_earlier", "s_in", "distinct", "branch_key", 7 * DAY, prior=True),
    Primitive("in_branches", "s_in", "distinct", "branch_key", 7 * DAY),
    Primitive("last_country", "sender", "last", "country_code", 90 * DAY, where=(("type", "==", 1),)),
    Primitive("merchant_p95", "merchant", "quantile", "amount_minor", 30 * DAY, prior=True, quantile=95),
    Primitive("card_p10", "card", "quantile", "amount_minor", 30 * DAY, until=HOUR, quantile=10),
    Primitive("out_since", "r_out", "since"),
    Primitive("cash_since", "sender", "since", where=(("type", "in", (3, 4)),), window=DAY),
    Primitive("cash_max", "sender", "max", "amount_minor", 30 * DAY, where=(("type", "in", (3, 4)),)),
    Primitive("ln_min", "receiver", "min", "amount_ln", 7 * DAY, prior=True),
    Primitive("senders_until", "receiver", "distinct", "sender_key", 30 * DAY, until=HOUR),
    Primitive("round_count", "sender", "count", window=7 * DAY, where=_ROUND),
    Primitive("small_days", "receiver", "distinct", "day", 7 * DAY, where=_BELOW),
    Primitive("device_branches", "device", "distinct", "branch_key", DAY, where=(("branch_key", ">=", 4),)),
    Primitive("before_week", "sender", "max", "occurred_at", 90 * DAY, until=7 * DAY),
    Primitive("same_branch", "card", "same", "branch_key", 30 * DAY, where=(("amount_minor", ">", 200),)),
    Primitive("in_same_country", "s_in", "same", "country_code"),
    Primitive("out_max", "r_out", "max", "amount_minor", 30 * DAY),
    Primitive("seen_branch", "r_out", "seen", "branch_key"),
    Primitive("settled_oldest", "merchant_settled", "oldest"),
    Primitive("earlier_oldest", "sender", "oldest", prior=True),
    Primitive("label_oldest", "merchant_label", "oldest"),
    Primitive("settled_senders", "merchant_settled", "distinct", "sender_key", 30 * DAY),
    Primitive("labelled_devices", "merchant_label", "distinct", "device_key", 30 * DAY),
    Primitive("declines_horizon", "sender_status", "horizon"),
    Primitive("last_decline", "sender_status", "last", "declined_delta", 7 * DAY),
    Primitive("declines_until", "card_status", "sum", "declined_delta", 7 * DAY, until=HOUR),
    Primitive("declines_since", "card_status", "since"),
    Primitive("declined_senders", "device_status", "distinct", "sender_key", 7 * DAY),
    Primitive("told_oldest", "card_told", "oldest"),
    Primitive("status_oldest", "ip_status", "oldest"),
    Primitive("in_country_amount", "s_in", "same_amount", "country_code", 7 * DAY),
    Primitive("receiver_amount", "sender", "same_amount", "receiver_key", 30 * DAY, until=HOUR),
    Primitive("card_amount", "sender", "same_amount", "card_key", where=(("type", ">", 2),)),
    Primitive("everything", "sender", "count"),
)

# Every status, not only declines, and asked by a probe alone.
_TOLD = Stream("card_told", "card_key", "card_key", table=STATUS_TABLE)

SHAPES = FeatureSet("shapes", (*history.STREAMS, _TOLD), (*history.PRIMITIVES, *_PRIMITIVES), ())

FEATURE_SETS = (SHAPES, AML)  # SHAPES holds all of payments
