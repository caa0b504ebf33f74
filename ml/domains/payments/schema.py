"""The payments request: its fields, its PaySim aliases, and its form as integer event columns."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.moments import microseconds
from ml.domains.money import MINOR, amount_ln, minor
from ml.domains.readers import Context, Field
from ml.features.keys import country_code, entity_key
from ml.features.spec import NULL

TYPES = ("payment", "transfer", "cash_in", "cash_out", "debit", "refund")
CHANNELS = ("web", "mobile", "pos", "atm", "branch", "api")
PAYSIM_START = datetime(2026, 1, 1, tzinfo=UTC)

FIELDS = (
    Field(
        "transaction_id", "text", "The client's own id; idempotency key.", required=True, example="TXN-1001"
    ),
    Field("amount", "money", "Amount in `currency`.", required=True, minimum=0, example="129.90"),
    Field("sender_id", "text", "Account or wallet the money leaves.", required=True, example="ACC-17"),
    Field("receiver_id", "text", "Account, wallet or merchant it reaches.", required=True, example="ACC-42"),
    Field("occurred_at", "time", "When it happened; default: the moment it is decided."),
    Field("type", "choice", "Kind of movement; default transfer.", choices=TYPES, example="transfer"),
    Field("currency", "currency", "ISO 4217; default the reporting currency.", example="USD"),
    Field("user_id", "text", "The monitored customer; default the sender."),
    Field("merchant_id", "text", "Merchant that is paid, when there is one."),
    Field("merchant_category", "text", "Merchant category code or name.", limit=64),
    Field("card_token", "text", "Token of the card used."),
    Field("device_id", "text", "Device the event came from."),
    Field("ip_address", "ip", "Address the event came from.", example="203.0.113.24"),
    Field("ip_country", "country", "Country of the address."),
    Field("email", "email", "E-mail of the customer."),
    Field("country", "country", "Country where it happened.", example="US"),
    Field("region", "text", "Region within the country.", limit=64),
    Field("latitude", "number", "Degrees north.", minimum=-90, maximum=90),
    Field("longitude", "number", "Degrees east.", minimum=-180, maximum=180),
    Field("channel", "choice", "Where it was made.", choices=CHANNELS, example="mobile"),
    Field("branch", "text", "Branch or terminal.", limit=64),
    Field("sender_balance_before", "money", "Sender's balance before."),
    Field("sender_balance_after", "money", "Sender's balance after."),
    Field("receiver_balance_before", "money", "Receiver's balance before."),
    Field("receiver_balance_after", "money", "Receiver's balance after."),
    Field("sender_name", "text", "Sender's name.", limit=200),
    Field("receiver_name", "text", "Receiver's name.", limit=200),
    Field("sender_country", "country", "Sender's country."),
    Field("receiver_country", "country", "Receiver's country."),
    Field(
        "status",
        "choice",
        "Outcome known to the client.",
        choices=("accepted", "declined", "reversed", "pending"),
    ),
    Field("metadata", "object", "Anything else; at most 4 KB and 3 levels."),
)
PAYSIM = {
    "type": "type",
    "amount": "amount",
    "nameOrig": "sender_id",
    "oldbalanceOrg": "sender_balance_before",
    "newbalanceOrig": "sender_balance_after",
    "nameDest": "receiver_id",
    "oldbalanceDest": "receiver_balance_before",
    "newbalanceDest": "receiver_balance_after",
}
MAX_STEP = 24 * 366 * 50
READER = RecordReader(FIELDS)
BALANCES = {
    "sender_before_minor": "sender_balance_before",
    "sender_after_minor": "sender_balance_after",
    "receiver_before_minor": "receiver_balance_before",
    "receiver_after_minor": "receiver_balance_after",
}
KEYS = {
    "sender_key": ("account", "sender_id"),
    "receiver_key": ("account", "receiver_id"),
    "card_key": ("card", "card_token"),
    "device_key": ("device", "device_id"),
    "ip_key": ("ip", "ip_address"),
    "region_key": ("region", "region"),
    "branch_key": ("branch", "branch"),
}
COLUMNS = (
    *("occurred_at", "type", "amount_minor", "amount_ln", "original_minor", "country_code", "channel"),
    *(
        "latitude_e6",
        "longitude_e6",
        "local_hour",
        "sender_is_merchant",
        "receiver_is_merchant",
        "merchant_key",
    ),
    *KEYS,
    *BALANCES,
)
Rate = Callable[[str, date], Decimal]


def parse(
    record: Mapping[str, Any], *, now: datetime, text: bool = False, paysim_start: datetime = PAYSIM_START
) -> dict[str, Any]:
    """Clean values of a request in native or PaySim names; raises RecordRefused naming every problem.

    `text` says that the source is a file, whose values are all text and whose "" means absent.
    """
    context = Context(now, text)
    if not isinstance(record, Mapping):
        return READER.read(record, context)
    if "nameOrig" in record or "nameDest" in record or "step" in record:
        record = _from_paysim(record, context, paysim_start)
    values = READER.read(record, context)
    values.setdefault("type", "transfer")
    values.setdefault("user_id", values["sender_id"])
    return values


def given(record: Mapping[str, Any]) -> frozenset[str]:
    """The native names of what a record says itself."""
    named = {PAYSIM.get(name, name) for name in record}
    return frozenset(named | {"occurred_at"} if "step" in record else named)


def _from_paysim(record: Mapping[str, Any], context: Context, start: datetime) -> dict[str, Any]:
    native = {PAYSIM.get(name, name): value for name, value in record.items() if name != "step"}
    if len(native) != len(record) - ("step" in record):
        twice = [old for old, new in PAYSIM.items() if old != new and old in record and new in record]
        raise RecordRefused(
            [Problem(old, "given_twice", f"stands beside {PAYSIM[old]}; give one") for old in twice]
        )
    step = record.get("step")
    if step is not None and not (context.text and step == ""):
        native["occurred_at"] = step_time(step, start, context)
    receiver = native.get("receiver_id")
    if isinstance(receiver, str) and receiver.startswith("M") and not native.get("merchant_id"):
        native["merchant_id"] = receiver  # PaySim names its merchants M...
    return native


def step_time(step: Any, start: datetime, context: Context) -> str:
    """The time of a PaySim step, an hour each from `start`; raises RecordRefused."""
    value = (
        int(step)
        if context.text and isinstance(step, str) and step.strip().isascii() and step.strip().isdigit()
        else step
    )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_STEP:
        raise RecordRefused(
            [Problem("step", "not_a_step", f"must be a whole number of hours from 0 to {MAX_STEP:,}")]
        )
    return (start + timedelta(hours=value)).isoformat()


def encode(
    values: Mapping[str, Any], *, rate: Rate, reporting_currency: str, moment: datetime | None = None
) -> dict[str, int | None]:
    """The integer event columns of parsed values; `moment` stands in for an absent occurred_at.

    `rate(currency, day)` is the price of one unit of `currency` in the reporting currency.
    """
    at = values.get("occurred_at") or moment
    currency = values.get("currency") or reporting_currency
    factor = MINOR if currency == reporting_currency else MINOR * rate(currency, at.astimezone(UTC).date())
    amount_minor = minor(values["amount"] * factor)
    columns: dict[str, int | None] = {
        "occurred_at": microseconds(at),
        "type": TYPES.index(values["type"]) + 1,
        "amount_minor": amount_minor,
        "amount_ln": amount_ln(amount_minor),
        "original_minor": minor(values["amount"] * MINOR),
        "country_code": country_code(values["country"]) if "country" in values else None,
        "channel": CHANNELS.index(values["channel"]) + 1 if "channel" in values else None,
        "latitude_e6": _micro(values.get("latitude")),
        "longitude_e6": _micro(values.get("longitude")),
        "local_hour": at.hour,
    }
    for name, (kind, field) in KEYS.items():
        text = values.get(field)
        columns[name] = entity_key(kind, text) if text is not None else None
    merchant = values.get("merchant_id")
    columns["merchant_key"] = entity_key("merchant", merchant) if merchant is not None else None
    paid_by_merchant = (
        merchant is not None
        and merchant != values["receiver_id"]
        and (merchant == values["sender_id"] or values["type"] == "refund")
    )
    columns["sender_is_merchant"] = int(paid_by_merchant)
    columns["receiver_is_merchant"] = int(merchant is not None and not paid_by_merchant)
    for name, field in BALANCES.items():
        balance = values.get(field)
        columns[name] = minor(balance * factor) if balance is not None else None
    return columns


def columns(
    events: Iterable[Mapping[str, Any]], *, rate: Rate, reporting_currency: str
) -> dict[str, np.ndarray]:
    """Event columns of many parsed events as int64 arrays, missing as NULL, ids 1..n in the given order."""
    rows = [encode(event, rate=rate, reporting_currency=reporting_currency) for event in events]
    arrays = {
        name: np.array([NULL if row[name] is None else row[name] for row in rows], np.int64)
        for name in COLUMNS
    }
    arrays["id"] = np.arange(1, len(rows) + 1, dtype=np.int64)
    arrays["superseded_by_id"] = np.full(len(rows), NULL)
    return arrays


def _micro(degrees: float | None) -> int | None:
    return round(degrees * 1_000_000) if degrees is not None else None
