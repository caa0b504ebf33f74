"""Readers of single values: what a field of each kind accepts, and the words of its refusal."""

import ipaddress
import json
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, NamedTuple

FUTURE_TOLERANCE = timedelta(minutes=5)
LARGEST_OFFSET = timedelta(hours=15)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (1900, 2199)  # of days that may lie before the events themselves, or after them
MONEY_LIMIT = Decimal(10) ** 13
MONEY_PLACES = 4


class FieldError(ValueError):
    """Raised by the reader of one field; becomes a `Problem` with the field's name."""

    def __init__(self, code: str, detail: str):
        self.code, self.detail = code, detail
        super().__init__(detail)


@dataclass(frozen=True)
class Field:
    """A request field: what it holds, its limits, and the words that document it."""

    name: str
    kind: str
    help: str
    required: bool = False
    limit: int = 128
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    example: Any = None


class Context(NamedTuple):
    """What reading depends on: the present moment, and whether the source has nothing but text."""

    now: datetime
    text: bool = False


def _plain_text(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise FieldError("wrong_type", f"must be text, not {kind_of(value)}")
    if len(value) > limit:
        raise FieldError("too_long", f"has {len(value):,} characters; at most {limit:,} are allowed")
    if not value.isprintable() and any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        raise FieldError("control_character", "contains a control character, such as NUL")
    return value


def read_text(field: Field, value: Any, context: Context) -> str:
    text = _plain_text(value, field.limit)
    if not text.strip():
        raise FieldError("blank", "must not be blank")
    return text


def read_choice(field: Field, value: Any, context: Context) -> str:
    choice = _plain_text(value, 64).strip().lower().replace("-", "_")
    if choice not in field.choices:
        close = get_close_matches(choice, field.choices, 1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise FieldError("unknown_value", f"'{value[:40]}' is not one of {', '.join(field.choices)}{hint}")
    return choice


def read_decimal(value: Any) -> Decimal:
    """A finite decimal from a JSON number or plain numeric text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise FieldError("wrong_type", f"must be a number, not {kind_of(value)}")
    try:
        text = str(value)
        if len(text) > 64 or "_" in text:
            raise InvalidOperation
        number = Decimal(text)
    except InvalidOperation:
        raise FieldError("not_a_number", f"'{str(value)[:40]}' is not a number") from None
    if not number.is_finite():
        raise FieldError("not_a_number", "must be a finite number")
    return number


def read_money(field: Field, value: Any, context: Context) -> Decimal:
    number = read_decimal(value)
    if field.minimum is not None and number < Decimal(str(field.minimum)):
        raise FieldError("too_small", f"must not be below {field.minimum:,}")
    if number and number.adjusted() >= MONEY_LIMIT.adjusted():
        raise FieldError("too_large", f"must be below {MONEY_LIMIT:,}")
    if _places(number) > MONEY_PLACES:
        raise FieldError("too_precise", f"has more than {MONEY_PLACES} decimal places")
    return number or Decimal(0)  # a zero may carry an exponent that no database takes


def _places(number: Decimal) -> int:
    """Decimal places that are not zero; by digits, since arithmetic rounds and overflows."""
    _, digits, exponent = number.as_tuple()
    if exponent >= -MONEY_PLACES:
        return max(-exponent, 0)
    return -exponent - (len(digits) - len(bytes(digits).rstrip(b"\0"))) if number else 0


def read_number(field: Field, value: Any, context: Context) -> float:
    number = float(read_decimal(value))
    if not math.isfinite(number):
        raise FieldError("too_large", "is too large")
    if field.minimum is not None and number < field.minimum:
        raise FieldError("too_small", f"must not be below {field.minimum:,}")
    if field.maximum is not None and number > field.maximum:
        raise FieldError("too_large", f"must not be above {field.maximum:,}")
    return number


def read_whole(field: Field, value: Any, context: Context) -> int:
    number = read_number(field, value, context)
    if number != int(number):
        raise FieldError("not_whole", "must be a whole number")
    return int(number)


def read_time(field: Field, value: Any, context: Context) -> datetime:
    """An ISO 8601 moment; without an offset it is read as UTC."""
    text = _plain_text(value, 40).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FieldError(
            "not_a_time", f"'{text}' is not an ISO 8601 time like 2026-01-31T12:00:00Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        if moment > context.now + FUTURE_TOLERANCE:
            raise FieldError("in_the_future", "lies more than five minutes in the future")
        if moment < EARLIEST:
            raise FieldError("too_early", "lies before 1970")
        moment.astimezone(UTC)
    except OverflowError:
        raise FieldError("not_a_time", "is outside the calendar") from None
    if abs(moment.utcoffset()) > LARGEST_OFFSET:
        raise FieldError("not_a_time", f"'{text}' has an offset that no time zone has")
    return moment


def read_day(field: Field, value: Any, context: Context) -> date | datetime:
    """A day, or a moment where a time is given too; it may lie in the future."""
    text = _plain_text(value, 40).strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = _moment(text, "not a day like 2026-01-31, nor a time like 2026-01-31T12:00:00Z")
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise FieldError("not_a_day", f"'{text}' does not lie between {YEARS[0]} and {YEARS[1]}")
    return day


def read_past_day(field: Field, value: Any, context: Context) -> date | datetime:
    """`read_day` that has come: somewhere on earth for a day, to five minutes for a moment."""
    day = read_day(field, value, context)
    if isinstance(day, datetime):
        return read_time(field, value, context)
    if day > (context.now + LARGEST_OFFSET).date():
        raise FieldError("in_the_future", "lies in the future")
    if day < EARLIEST.date():
        raise FieldError("too_early", "lies before 1970")
    return day


def _moment(text: str, wrong: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError("not_a_day", f"'{text}' is {wrong}") from None
    if abs(moment.utcoffset()) > LARGEST_OFFSET:
        raise FieldError("not_a_day", f"'{text}' has an offset that no time zone has")
    return moment


def read_flag(field: Field, value: Any, context: Context) -> bool:
    """true or false; as text too, in any case."""
    if isinstance(value, bool):
        return value
    said = _FLAGS.get(value.strip().lower()) if isinstance(value, str) else None
    if said is None:
        raise FieldError("wrong_type", f"must be true or false, not {str(value)[:40]!r}")
    return said


def read_country(field: Field, value: Any, context: Context) -> str:
    text = _plain_text(value, 40).strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise FieldError("not_a_country", f"'{value[:40]}' is not a two-letter ISO 3166 code")
    return text


def read_currency(field: Field, value: Any, context: Context) -> str:
    text = _plain_text(value, 40).strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise FieldError("not_a_currency", f"'{value[:40]}' is not a three-letter ISO 4217 code")
    return text


def read_ip(field: Field, value: Any, context: Context) -> str:
    text = _plain_text(value, 64).strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise FieldError("not_an_ip", f"'{text}' is not an IPv4 or IPv6 address") from None
    if getattr(address, "scope_id", None) is not None:
        raise FieldError("not_an_ip", f"'{text}' names an interface of one machine; leave it out")
    return str(address)


def read_email(field: Field, value: Any, context: Context) -> str:
    text = _plain_text(value, 254).strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise FieldError("not_an_email", f"'{text[:60]}' is not an e-mail address")
    return text


def read_object(field: Field, value: Any, context: Context) -> dict:
    if isinstance(value, str) and context.text:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise FieldError("not_an_object", "is not a JSON object") from None
    if not isinstance(value, dict):
        raise FieldError("wrong_type", f"must be an object, not {kind_of(value)}")
    if _deeper_than(value, 3):
        raise FieldError("too_deep", "is nested more than 3 levels deep")
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise FieldError("not_an_object", "holds a number or text that JSON cannot carry") from None
    if size > 4096:
        raise FieldError("too_long", f"has {size:,} bytes; at most 4,096 are allowed")
    if _holds_nul(value):
        raise FieldError("control_character", "contains a NUL character")
    return value


_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
READERS: dict[str, Callable[[Field, Any, Context], Any]] = {
    "text": read_text,
    "choice": read_choice,
    "money": read_money,
    "number": read_number,
    "whole": read_whole,
    "time": read_time,
    "day": read_day,
    "past_day": read_past_day,
    "flag": read_flag,
    "country": read_country,
    "currency": read_currency,
    "ip": read_ip,
    "email": read_email,
    "object": read_object,
}


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    kinds = {dict: "an object", list: "a list", bool: "true or false", str: "text", type(None): "null"}
    return kinds.get(type(value), "a number")


def _deeper_than(value: Any, levels: int) -> bool:
    """Looks no deeper than it must: a body may be nested further than Python can follow."""
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    children = value.values() if isinstance(value, dict) else value
    return any(_deeper_than(child, levels - 1) for child in children)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(child) for key, child in value.items())
    return isinstance(value, list) and any(_holds_nul(child) for child in value)
