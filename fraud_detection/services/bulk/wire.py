"""Columns in the form of PostgreSQL's binary COPY: every field with its length before it.

A column is either one field that all rows share (bytes), or a field for each row (a list of bytes).
"""

import ipaddress
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from ml.features.spec import NULL
from transactions.services import EPOCH_2000

Column = bytes | list[bytes]
NOTHING = struct.pack(">i", -1)
INTEGERS = {2: ">i2", 4: ">i4", 8: ">i8"}
JSON_VERSION = b"\x01"
IPV4, IPV6 = 2, 3  # PostgreSQL's numbers of address families
GROUPS = 6  # of four decimal digits: five before the point, one behind it
NEGATIVE = 0x4000
LENGTHS = [length.to_bytes(4, "big") for length in range(4_096)]  # of most fields, written once


def field(content: bytes) -> bytes:
    length = len(content)
    return (LENGTHS[length] if length < 4_096 else length.to_bytes(4, "big")) + content


def fixed(values: np.ndarray) -> list[bytes]:
    """A field of the same width for each row, from an array of big-endian numbers or of bytes [n, width]."""
    raw = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)
    width = raw.shape[1]
    framed = np.empty((len(raw), width + 4), np.uint8)
    framed[:, :4] = np.frombuffer(struct.pack(">i", width), np.uint8)
    framed[:, 4:] = raw
    return framed.view(f"V{width + 4}")[:, 0].tolist()


def integers(values: np.ndarray, width: int) -> Column:
    """smallint, integer or bigint by `width`; NULL is absent."""
    absent = values == NULL
    if absent.all():
        return NOTHING
    column = fixed(np.where(absent, 0, values).astype(INTEGERS[width]))
    for place in np.flatnonzero(absent).tolist():
        column[place] = NOTHING
    return column


def moments(microseconds: np.ndarray) -> list[bytes]:
    """timestamptz, from microseconds since 1970."""
    return fixed((microseconds - EPOCH_2000).astype(">i8"))


def floats(values: Sequence[float] | np.ndarray) -> list[bytes]:
    return fixed(np.asarray(values, ">f8"))


def booleans(values: np.ndarray) -> list[bytes]:
    return fixed(values.astype(np.uint8)[:, None])


def numerics(units: np.ndarray) -> Column:
    """numeric with four places, from 1/10,000; NULL is absent."""
    absent = units == NULL
    if absent.all():
        return NOTHING
    rest = np.abs(np.where(absent, 0, units))
    head = [np.full(len(units), GROUPS), np.full(len(units), GROUPS - 2)]
    groups = []
    for _ in range(GROUPS):
        rest, group = np.divmod(rest, 10_000)
        groups.append(group)
    sign = np.where((units < 0) & ~absent, NEGATIVE, 0)
    column = fixed(np.stack([*head, sign, np.full(len(units), 4), *reversed(groups)], axis=1).astype(">i2"))
    for place in np.flatnonzero(absent).tolist():
        column[place] = NOTHING
    return column


def texts(values: Iterable[str | None]) -> Column:
    return _each(values, str.encode)


def addresses(values: Iterable[str | None]) -> Column:
    """inet, from texts as Python writes them."""
    return _each(values, _address)


def json_texts(values: Iterable[str | None]) -> Column:
    """jsonb, from its text."""
    return _each(values, lambda text: JSON_VERSION + text.encode())


def blobs(values: Iterable[bytes]) -> list[bytes]:
    return list(map(field, values))


def _address(text: str) -> bytes:
    packed = ipaddress.ip_address(text).packed if ":" in text else socket.inet_aton(text)
    family = IPV4 if len(packed) == 4 else IPV6
    return bytes((family, 8 * len(packed), 0, len(packed))) + packed


def _each(values: Iterable[Any], write: Callable[[Any], bytes]) -> Column:
    """A field of each value; equal ones are written once."""
    column = list(values)
    distinct = set(column)
    absent = None in distinct
    distinct.discard(None)
    known = dict(zip(distinct, map(field, map(write, distinct)), strict=True))
    if absent:
        known[None] = NOTHING
    if len(known) == 1:
        return next(iter(known.values()))
    return [known[value] for value in column]


def part(column: Column, rows: slice) -> Column:
    """The same of some rows."""
    return column if isinstance(column, bytes) else column[rows]


def rows_of(columns: Sequence[Column], count: int) -> bytes:
    """`count` rows of these columns."""
    parts: list[Iterable[bytes]] = []
    shared = struct.pack(">h", len(columns))
    for column in columns:
        if isinstance(column, bytes):
            shared += column
            continue
        if shared:
            parts.append(repeat(shared, count))
        parts.append(column)
        shared = b""
    if shared:
        parts.append(repeat(shared, count))
    return b"".join(chain.from_iterable(zip(*parts, strict=True)))
