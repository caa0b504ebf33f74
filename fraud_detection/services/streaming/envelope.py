"""A message of a stream as an event: who sent it, which engine decides it, under which id."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import LetterReason
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.streaming.source import Message

NAMES = ("engine", "client", "id", "occurred_at", "key", "event", "meta")
DEFAULT_ENGINE = "payments"
MOST_DIGITS = 40


class MessageRefused(Exception):
    """Why a message is not an event; `reason` is one of LetterReason."""

    def __init__(self, reason: LetterReason, detail: str, *, engine: str = "", event_id: str = ""):
        self.reason, self.engine, self.event_id = reason, engine, event_id
        super().__init__(detail)


@dataclass(frozen=True)
class Event:
    """What a message asks to be decided."""

    message: Message
    engine: str
    record: Mapping[str, Any]
    event_id: str


def read_event(message: Message) -> Event:
    """The event in a message; raises MessageRefused."""
    return event_in(message, read_object(message.body))


def event_in(message: Message, envelope: Mapping[str, Any]) -> Event:
    """The event in an envelope that was read; the stream says whose it is and may say of which engine."""
    unknown = [name for name in envelope if name not in NAMES]
    if unknown:
        raise _envelope(f"{unknown[0][:60]!r} is no name of an envelope: use {', '.join(NAMES)}")
    engine = _engine(envelope, message.stream.engine)
    client = envelope.get("client", message.stream.client)
    if client != message.stream.client:
        raise _envelope(f"client: the stream is of {message.stream.client!r}, not of {_shown(client)}")
    record = envelope.get("event")
    if not isinstance(record, dict):
        raise _envelope("event: must be an object with the fields that the API takes")
    record = _with_given(record, envelope, engine)
    return Event(message, engine, record, record[id_field(engine)])


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, read as strictly as the API reads one; raises MessageRefused."""
    if len(body) > settings.STREAM_MESSAGE_BYTES:
        most = settings.STREAM_MESSAGE_BYTES
        raise _unreadable(f"the message has {len(body):,} bytes; at most {most:,} are accepted")
    try:
        found = json.loads(body.decode("utf-8"), **STRICT)
    except UnicodeDecodeError as error:
        raise _unreadable(f"the message is not UTF-8: byte {error.start} cannot be read") from None
    except RecursionError:
        raise _unreadable("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _unreadable(f"the message is not JSON: {error.msg} at {where}") from None
    if not isinstance(found, dict):
        raise _unreadable("the message is not a JSON object")
    return found


def id_field(engine: str) -> str:
    return ENGINES[engine].id_field


def time_field(engine: str) -> str:
    return "reported_at" if engine == "insurance" else "occurred_at"


def key_of(engine: str, record: Mapping[str, Any]) -> str:
    """Whose order counts: the sender of a payment, the customer of other events."""
    fields = SOURCES[engine].customer if engine in SOURCES else ("sender_id", "user_id")
    return next((str(record[name]) for name in fields if record.get(name)), "")


def _engine(envelope: Mapping[str, Any], of_stream: str) -> str:
    engine = envelope.get("engine", of_stream or DEFAULT_ENGINE)
    if not isinstance(engine, str) or engine not in ENGINES:
        raise _envelope(f"engine: {_shown(engine)} is none of {', '.join(sorted(ENGINES))}")
    if of_stream and engine != of_stream:
        raise _envelope(f"engine: the stream is of {of_stream!r}, not of {engine!r}")
    return engine


def _with_given(record: dict[str, Any], envelope: Mapping[str, Any], engine: str) -> dict[str, Any]:
    """The record with the id and the time of its envelope, where it has none of its own."""
    for name, field in (("id", id_field(engine)), ("occurred_at", time_field(engine))):
        given = envelope.get(name)
        if given is not None and record.setdefault(field, given) != given:
            raise _envelope(f"{name}: differs from {field} of the event", engine)
    event_id = record.get(id_field(engine))
    if not isinstance(event_id, str) or not event_id:
        detail = "id: is missing; without one a message that is sent twice would be decided twice, so give"
        raise _envelope(f"{detail} id, or {id_field(engine)} in the event, as text", engine)
    return record


def _envelope(detail: str, engine: str = "") -> MessageRefused:
    return MessageRefused(LetterReason.ENVELOPE, detail, engine=engine)


def _unreadable(detail: str) -> MessageRefused:
    return MessageRefused(LetterReason.NOT_READABLE, detail)


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise _unreadable(f"the name {_shown(twice)} stands twice in one object")
    return made


def _constant(text: str) -> Any:
    raise _unreadable(f"{text} is not a JSON value")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _unreadable(f"the number {text[:40]} is too large")
    return value


def _int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _unreadable(f"a number of {len(text):,} digits is too large")
    return int(text)


STRICT = {"object_pairs_hook": _object, "parse_constant": _constant, "parse_float": _float, "parse_int": _int}
