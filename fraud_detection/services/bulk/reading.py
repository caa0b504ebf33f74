"""Rows of a file as columns. What is plainly well formed is read column by column, each distinct text once;
any other row goes through the reader of single payments, whose word is final."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any

import numpy as np
from django.conf import settings

from fraud_detection.services.bulk.result import ChunkResult
from fraud_detection.services.payment_events import Request, read_request
from fraud_detection.services.transaction_files import Row
from logs.redacting import may_hold_cards
from ml.domains.fields import RecordRefused
from ml.domains.moments import microseconds
from ml.domains.payments import schema
from ml.domains.readers import READERS, Context, FieldError
from ml.features.spec import NULL
from users.models import ClientSystem

UNITS = 10_000  # of money in a stored amount's last place
PLAIN_MONEY = re.compile(r"\d{1,13}(?:\.\d{1,4})?", re.ASCII)
OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
PLAIN_IP = re.compile(rf"(?:{OCTET}\.){{3}}{OCTET}", re.ASCII)
FIELD = {declared.name: declared for declared in schema.FIELDS}
MONEY = tuple(name for name, declared in FIELD.items() if declared.kind == "money")
REQUIRED = tuple(name for name, declared in FIELD.items() if declared.required)
OWN_ID = "transaction_id"
STRUCTURED = "metadata"
ODD = object()  # a value that the plain readers leave to the ordinary one


class NotPlain(Exception):
    """Rows that must be decided the ordinary way; the message says what is special about them."""


@dataclass
class Columns:
    """Rows that can be decided, by column.

    values   by field, what was read: texts, floats and codes; money in 1/10,000; None where absent
    moments  microseconds since 1970; hours are local ones
    requests  those that were read the ordinary way, by place: more as they are asked for
    """

    rows: list[Row]
    values: dict[str, list[Any]]
    moments: np.ndarray
    hours: np.ndarray
    digests: list[bytes]
    requests: dict[int, Request] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        return self.values.get(name) or [None] * len(self.rows)

    def has(self, name: str) -> bool:
        return name in self.values

    def request(self, place: int, client: ClientSystem) -> Request:
        """The row as the single path has it."""
        if place not in self.requests:
            self.requests[place] = read_request(self.rows[place].record, client=client, text=True)
        return self.requests[place]

    def kept(self, places: Sequence[int]) -> "Columns":
        """These rows alone."""
        at = np.asarray(places, np.intp)
        number = {place: n for n, place in enumerate(places)}
        pick = at.tolist()
        return Columns(
            rows=[self.rows[place] for place in pick],
            values={name: [column[place] for place in pick] for name, column in self.values.items()},
            moments=self.moments[at],
            hours=self.hours[at],
            digests=[self.digests[place] for place in pick],
            requests={number[p]: request for p, request in self.requests.items() if p in number},
        )


def read_columns(rows: Sequence[Row], client: ClientSystem, into: ChunkResult) -> Columns:
    """Read rows of one file; what is refused goes `into` the result. Raises NotPlain."""
    names, raw = _texts(rows)
    said, suspect = _canonical(names, raw)
    native = _native(names, raw, len(rows))
    read = {name: _read(name, column) for name, column in native.items()}
    odd = {n for column in read.values() for n, value in enumerate(column) if value is ODD}
    odd.update(n for n, body in enumerate(said) if suspect and may_hold_cards(body))
    for name in REQUIRED:
        odd.update(n for n, value in enumerate(read.get(name, [None] * len(rows))) if value is None)
    times = read.pop("occurred_at", None)
    if times is None or None in times:
        raise NotPlain("rows without a time of their own are dated as they are decided")
    digests = [blake2b(body.encode(), digest_size=16).digest() for body in said]
    requests, refused = _ordinarily(rows, odd, client, into)
    for place, request in requests.items():
        digests[place] = request.digest
        times[place] = _moment(request.values["occurred_at"])
        for name in {*read, *request.values}:
            if name != "occurred_at":
                read.setdefault(name, [None] * len(rows))[place] = _as_column(name, request.values.get(name))
    for place in refused:
        times[place] = (0, 0)
    moments, hours = np.array(times, np.int64).reshape(-1, 2).T.copy()
    found = Columns(list(rows), _defaults(read, len(rows)), moments, hours, digests, requests)
    return found.kept([n for n in range(len(rows)) if n not in refused]) if refused else found


def _texts(rows: Sequence[Row]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The columns of records that all have the same ones."""
    names = tuple(rows[0].record)
    records = [row.record for row in rows]
    if any(len(record) != len(names) for record in records):
        raise NotPlain("rows have different columns")
    try:
        columns = list(zip(*map(itemgetter(*names), records), strict=True))
    except KeyError as error:
        raise NotPlain("rows have different columns") from error
    return names, dict(zip(names, columns, strict=True))


def _canonical(names: Iterable[str], raw: Mapping[str, Sequence[str]]) -> tuple[list[str], bool]:
    """Each record as JSON, as payment_events fingerprints it: names in order, nothing but texts; and whether
    any of them may hold cards. A card lies in one text: what stands between two of them breaks it off."""
    ordered = sorted(names)
    members = (encode_basestring_ascii(name).replace("%", "%%") + ":%s" for name in ordered)
    template = "{" + ",".join(members) + "}"
    known = [{text: encode_basestring_ascii(text) for text in set(raw[name])} for name in ordered]
    suspect = may_hold_cards(template) or any(may_hold_cards("".join(texts.values())) for texts in known)
    escaped = [map(texts.__getitem__, raw[name]) for texts, name in zip(known, ordered, strict=True)]
    return [template % values for values in zip(*escaped, strict=True)], suspect


def _native(names: Sequence[str], raw: dict[str, Sequence[str]], count: int) -> dict[str, Sequence[str]]:
    """Columns by native names; PaySim's step and merchants as schema.parse reads them."""
    if not {"nameOrig", "nameDest", "step"} & set(names):
        unknown = set(names) - FIELD.keys()
        if unknown:
            raise NotPlain(f"columns {', '.join(sorted(unknown))} are read one by one")
        return raw
    native = {schema.PAYSIM.get(name, name): column for name, column in raw.items() if name != "step"}
    if len(native) != len(names) - ("step" in names) or set(native) - FIELD.keys():
        raise NotPlain("columns that are read one by one")
    if "step" in raw:
        native["occurred_at"] = _step_times(raw["step"], native.get("occurred_at"))
    given = native.get("merchant_id", [""] * count)
    receivers = native.get("receiver_id", given)
    native["merchant_id"] = [
        merchant or (receiver if receiver.startswith("M") else "")
        for merchant, receiver in zip(given, receivers, strict=True)
    ]
    return native


def _step_times(steps: Sequence[str], given: Sequence[str] | None) -> list[str]:
    known = {step: _step_time(step) for step in set(steps)}
    if given is None:
        return [known[step] for step in steps]
    return [known[step] or other for step, other in zip(steps, given, strict=True)]


def _step_time(step: str) -> str:
    if step == "":
        return ""
    try:
        return schema.step_time(step, settings.PAYSIM_START, Context(datetime.now(UTC), True))
    except RecordRefused:
        return "no step"  # no time either: the ordinary reader says what is wrong with it


def _read(name: str, column: Sequence[str]) -> list[Any]:
    """What the ordinary reader of a field makes of each text; ODD where it refuses it."""
    distinct = set(column)
    if FIELD[name].kind == "text" and _all_plain(distinct, FIELD[name].limit):
        return [text or None for text in column] if "" in distinct else list(column)
    read = _reader(name)
    known = {text: None if text == "" else read(text) for text in distinct}
    return [known[text] for text in column]


def _all_plain(texts: set[str], limit: int) -> bool:
    """Whether the plain reader of texts, which stands in `_reader`, takes each of them."""
    return (
        "".join(texts).isprintable()
        and len(max(texts, key=len)) <= limit
        and not any(map(str.isspace, texts))
    )


def _reader(name: str) -> Callable[[str], Any]:
    declared = FIELD[name]
    ordinary, context = READERS[declared.kind], Context(datetime.now(UTC), True)

    def checked(text: str) -> Any:
        if declared.kind == "text" and len(text) <= declared.limit and text.isprintable() and text.strip():
            return text
        if declared.kind == "money" and PLAIN_MONEY.fullmatch(text):
            whole, _, fraction = text.partition(".")
            return int(whole) * UNITS + int(fraction.ljust(4, "0"))
        if declared.kind == "ip" and PLAIN_IP.fullmatch(text):
            return text
        try:
            value = ordinary(declared, text, context)
        except FieldError:
            return ODD
        return _moment(value) if declared.kind == "time" else _as_column(name, value)

    return checked


def _moment(moment: datetime) -> tuple[int, int]:
    return microseconds(moment), moment.hour


def _as_column(name: str, value: Any) -> Any:
    if name in MONEY and value is not None:
        return int(value.scaleb(4))
    return value


def _ordinarily(
    rows: Sequence[Row], odd: Iterable[int], client: ClientSystem, into: ChunkResult
) -> tuple[dict[int, Request], set[int]]:
    """Requests of rows that the plain readers left, and which of them are refused."""
    requests: dict[int, Request] = {}
    refused: set[int] = set()
    for place in sorted(odd):
        try:
            requests[place] = read_request(rows[place].record, client=client, text=True)
        except RecordRefused as refusal:
            refused.add(place)
            into.refuse_for(rows[place].line, refusal)
            continue
        if "occurred_at" not in requests[place].values:
            raise NotPlain("rows without a time of their own are dated as they are decided")
    return requests, refused


def _defaults(read: dict[str, list[Any]], count: int) -> dict[str, list[Any]]:
    """What schema.parse and read_request fill in."""
    for name, default in (("type", "transfer"), ("currency", settings.REPORTING_CURRENCY)):
        column = read.get(name)
        read[name] = [default] * count if column is None else [default if v is None else v for v in column]
    users = read.get("user_id", [None] * count)
    read["user_id"] = [user or sender for user, sender in zip(users, read["sender_id"], strict=True)]
    return {
        name: column
        for name, column in read.items()
        if name in REQUIRED or any(v is not None for v in column)
    }


def money_of(units: int) -> Decimal:
    """The amount of so many 1/10,000."""
    return Decimal(units).scaleb(-4)


def integers(column: Sequence[int | None]) -> np.ndarray:
    """int64, NULL for None."""
    return np.array([NULL if value is None else value for value in column], np.int64)
