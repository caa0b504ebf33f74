"""Fields that clients send beyond those of the domain: declared once, then read, typed and computed with.

Their values stand in the event's `metadata`, so that events stored before a declaration have them too.
As integers, the form of every column, a number is in millionths, a flag 0 or 1, a text 60 bits of its
SHA-256; SQL and Python take them the same way, and what has another type than declared is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from ml.domains.fields import Problem, RecordRefused
from ml.domains.readers import READERS, Context, Field, FieldError
from ml.features.spec import Extra, Feature

MILLIONTHS = 1_000_000
LARGEST = 9_999_999_999  # 500 of them, in millionths, still add up within a bigint
LONGEST = 128  # characters of a text
KINDS = ("number", "text", "bool")
_DIGITS = 15  # of the hash in hexadecimal: 60 bits, so that the key is never negative


@dataclass(frozen=True)
class EventField:
    """name is what clients send, `column` what rules, models and definitions read."""

    name: str
    kind: str
    unit: str = ""
    meaning: str = ""

    @property
    def column(self) -> str:
        return f"field_{self.name}"

    @property
    def reader(self) -> Field:
        """What a request may hold under this name."""
        kind = {"number": "number", "text": "text", "bool": "flag"}[self.kind]
        return Field(self.name, kind, self.meaning, limit=LONGEST, minimum=-LARGEST, maximum=LARGEST)

    @property
    def extra(self) -> Extra:
        """The column of the history."""
        return Extra(
            self.column,
            _EXPRESSIONS[self.kind].format(f"metadata->'{self.name}'", f"metadata->>'{self.name}'"),
        )

    @property
    def feature(self) -> Feature | None:
        """The event's own value in the feature vector; a text is context instead."""
        operand = (f"event.{self.column}",)
        if self.kind == "number":
            unit = self.unit or "number"
            return Feature(self.column, "number", unit, self.meaning, "scaled", operand, (float(MILLIONTHS),))
        if self.kind == "bool":
            return Feature(self.column, "bool", "flag", self.meaning, "scaled", operand, (1.0,))
        return None

    def value(self, metadata: Mapping[str, Any] | None) -> Any:
        """What a stored event holds of it; None when absent or of another type."""
        raw = (metadata or {}).get(self.name)
        match self.kind:
            case "number":
                fits = isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= LARGEST
            case "bool":
                fits = isinstance(raw, bool)
            case _:
                fits = isinstance(raw, str)
        return raw if fits else None

    def integer(self, value: Any) -> int | None:
        """The column of a value."""
        if value is None:
            return None
        if self.kind == "number":
            return int((Decimal(str(value)) * MILLIONTHS).quantize(Decimal(1), ROUND_HALF_UP))
        if self.kind == "bool":
            return int(value)
        return int(sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS], 16)


_EXPRESSIONS = {
    # A cast may only be reached by what has the type: nested, since `and` promises no order.
    "number": "case when jsonb_typeof({0}) = 'number' then case when abs(({1})::numeric) <= "
    + str(LARGEST)
    + " then round(({1})::numeric * 1000000)::bigint end end",
    "bool": "case when jsonb_typeof({0}) = 'boolean' then ({1})::boolean::int::bigint end",
    "text": "case when jsonb_typeof({0}) = 'string' then"
    " ('x' || substr(encode(sha256(convert_to({1}, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint end",
}


def columns_of(metadata: Mapping[str, Any] | None, fields: Iterable[EventField]) -> dict[str, int | None]:
    """The integer columns of one event."""
    return {field.column: field.integer(field.value(metadata)) for field in fields}


def words_of(metadata: Mapping[str, Any] | None, fields: Iterable[EventField]) -> dict[str, str | None]:
    """The texts that rules read."""
    return {field.column: field.value(metadata) for field in fields if field.kind == "text"}


def split(record: Mapping[str, Any], fields: Iterable[EventField]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record without declared names at its top, and those."""
    declared = {field.name for field in fields}
    own = {name: value for name, value in record.items() if name in declared}
    return {name: value for name, value in record.items() if name not in own}, own


def read_fields(
    metadata: Mapping[str, Any] | None,
    own: Mapping[str, Any],
    fields: Iterable[EventField],
    context: Context,
) -> dict[str, Any] | None:
    """The metadata of an event with the declared values in it, each of its type; None when there is nothing.

    `own` were sent beside it. Raises RecordRefused naming every field that does not hold.
    """
    merged, problems = dict(metadata or {}), []
    for field in fields:
        sources = (("", own), ("metadata.", merged))
        given = [(where, held[field.name]) for where, held in sources if _holds(held, field, context)]
        if len(given) == 2:
            problems.append(Problem(field.name, "given_twice", "stands in metadata too; give one"))
        elif given:
            where, raw = given[0]
            try:
                merged[field.name] = READERS[field.reader.kind](field.reader, raw, context)
            except FieldError as error:
                problems.append(Problem(where + field.name, error.code, error.detail))
    if problems:
        raise RecordRefused(problems)
    if own:  # what came in metadata alone was measured when it was read
        merged = _fitting(merged)
    return merged if merged or metadata is not None else None


def _holds(source: Mapping[str, Any], field: EventField, context: Context) -> bool:
    value = source.get(field.name)
    return value is not None and not (context.text and value == "")


def _fitting(metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        return READERS["object"](Field("metadata", "object", ""), metadata, Context(None))
    except FieldError as error:
        raise RecordRefused(
            [Problem("metadata", error.code, f"with the declared fields {error.detail}")]
        ) from None
