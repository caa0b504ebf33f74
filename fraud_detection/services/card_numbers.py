"""Card numbers in what clients send: masked before anything is stored, told or logged.

The event's own id stays as it was sent: the client asks by it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from logs.redacting import fits, mask_cards, mask_cards_in, may_hold_cards
from ml.domains.fields import Problem, RecordRefused
from ml.domains.readers import Field


class Print(NamedTuple):
    """The fingerprint of a body, and whether it may hold a card number."""

    digest: bytes
    suspect: bool


def print_of(record: Mapping[str, Any]) -> Print:
    """What makes two bodies the same: their JSON, whatever the order of names; 1 and 1.0 are one number.

    A card number counts by its keyed hash: without it, who reads the digest could try all cards.
    """
    said = _canonical(record)
    suspect = may_hold_cards(said)
    if suspect:
        said = _canonical(mask_cards_in(dict(record)))
    return Print(hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest(), suspect)


def body_digest(record: Mapping[str, Any]) -> bytes:
    return print_of(record).digest


def masked_values(values: dict[str, Any], fields: Iterable[Field], own_id: str) -> dict[str, Any]:
    """Parsed values as they are stored: texts and objects without card numbers, within their limits."""
    limits = {field.name: field.limit if field.kind != "email" else 254 for field in fields}
    return {
        name: value if name == own_id else _masked(value, limits.get(name)) for name, value in values.items()
    }


def masked_refusal(refused: RecordRefused) -> RecordRefused:
    """The same refusal; the values that it repeats are masked."""
    return RecordRefused(
        [Problem(mask_cards(field), code, mask_cards(detail)) for field, code, detail in refused.problems]
    )


def _masked(value: Any, limit: int | None) -> Any:
    if isinstance(value, str):
        masked = mask_cards(value)
        return value if masked is value or limit is None else fits(masked, limit)
    return mask_cards_in(value) if isinstance(value, dict) else value


def _canonical(record: Mapping[str, Any]) -> str:
    plain = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in record.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), default=str)
