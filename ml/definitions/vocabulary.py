"""What a definition may name: whose history, and which columns of it, by the table of events."""

from dataclasses import dataclass

from ml.definitions.event_fields import MILLIONTHS, EventField
from ml.domains.payments.schema import CHANNELS, TYPES
from ml.features.builders import MINOR
from ml.features.columns import APPLICATION_TABLE, CLAIM_TABLE, DAY_COLUMN, EVENT_TABLE, MARKET_TABLE


@dataclass(frozen=True)
class Entity:
    """Whose history: rows whose `key` is the event's `by`."""

    key: str
    by: str
    words: str


@dataclass(frozen=True)
class Column:
    """A column by its plain name. kind: money, number, key, choice, country, flag or day.

    scale    the integer of one unit
    of       of a key, the kind of thing; "" where it can be counted, not compared with an id
    choices  of a choice, its values in order from 1
    """

    name: str
    column: str
    kind: str
    words: str
    scale: float = 1.0
    unit: str = ""
    of: str = ""
    choices: tuple[str, ...] = ()


def _own(name: str) -> Entity:
    return Entity(f"{name}_key", f"{name}_key", f"this {name}")


def _keys(kinds: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, f"{name}_key", "key", _plural(name), of=kind) for name, kind in kinds.items())


def _plural(name: str) -> str:
    return {"branch": "branches", "policy": "policies", "identity": "identities"}.get(name, f"{name}s")


_AMOUNT = Column("amount", "amount_minor", "money", "amounts", MINOR, "money")
_DAY = Column("day", DAY_COLUMN, "day", "days")

ENTITIES: dict[str, dict[str, Entity]] = {
    EVENT_TABLE: {name: _own(name) for name in ("sender", "receiver", "card", "device", "ip", "merchant")}
    | {
        "sender_as_receiver": Entity("receiver_key", "sender_key", "this sender, as the receiver"),
        "receiver_as_sender": Entity("sender_key", "receiver_key", "this receiver, as the sender"),
    },
    APPLICATION_TABLE: {name: _own(name) for name in ("phone", "device")},  # those with an index
    CLAIM_TABLE: {name: _own(name) for name in ("claimant", "provider", "device", "phone", "bank", "object")},
    MARKET_TABLE: {"trader": _own("trader")},
}
COLUMNS: dict[str, tuple[Column, ...]] = {
    EVENT_TABLE: (
        _AMOUNT,
        Column("type", "type", "choice", "types", choices=TYPES),
        Column("channel", "channel", "choice", "channels", choices=CHANNELS),
        Column("country", "country_code", "country", "countries"),
        Column("hour", "local_hour", "number", "hours", unit="hour"),
        Column("sender_is_merchant", "sender_is_merchant", "flag", "values"),
        Column("receiver_is_merchant", "receiver_is_merchant", "flag", "values"),
        *_keys({"sender": "account", "receiver": "account"}),
        *_keys({kind: kind for kind in ("card", "device", "ip", "merchant", "region", "branch")}),
        _DAY,
    ),
    APPLICATION_TABLE: (
        _AMOUNT,
        *_keys(dict.fromkeys(("applicant", "phone", "device", "identity"), "")),
        _DAY,
    ),
    CLAIM_TABLE: (
        _AMOUNT,
        *_keys(dict.fromkeys(("claimant", "policy", "provider", "device", "phone", "bank", "object"), "")),
        _DAY,
    ),
    MARKET_TABLE: (_AMOUNT, *_keys({"symbol": "", "counterparty": ""}), _DAY),
}
_SHOWN = {"number": "number", "bool": "flag", "text": "text"}


def columns_of_table(table: str, fields: tuple[EventField, ...] = ()) -> dict[str, Column]:
    """Every column by name, the declared fields under their `field_...`."""
    declared = (
        Column(
            field.column,
            field.column,
            _SHOWN[field.kind],
            f"values of {field.name}",
            float(MILLIONTHS) if field.kind == "number" else 1.0,
            field.unit or "number",
        )
        for field in fields
    )
    return {column.name: column for column in (*COLUMNS[table], *declared)}
