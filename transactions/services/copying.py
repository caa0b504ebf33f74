"""COPY in and out: many rows in one statement, without the driver touching every value.

Django wraps no COPY, so its errors are turned into Django's here: callers tell them apart.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection

ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
EPOCH_2000 = 946_684_800_000_000  # PostgreSQL counts microseconds from 2000, Unix from 1970
BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY_TRAILER = b"\xff\xff"
HEADER_BYTES, TRAILER_BYTES = len(BINARY_HEADER), len(BINARY_TRAILER)


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows; None is NULL, bytes are bytea, everything else is its text."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(map(_text, row)))
        text.write("\n")
    text.seek(0)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", text)


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


def copy_out(
    query: str, arguments: Sequence[Any], columns: Sequence[str], times: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """Read a query of 8-byte columns without NULLs as int64 arrays by name.

    `columns` names what the query selects, in order: bigint, or timestamptz for those in `times`,
    which come back as microseconds since 1970.
    """
    buffer = io.BytesIO()
    with connection.wrap_database_errors, connection.cursor() as cursor:
        filled = cursor.cursor.mogrify(
            query, [array_text(a) if isinstance(a, list) else a for a in arguments]
        )
        cursor.cursor.copy_expert(f"copy ({filled.decode()}) to stdout (format binary)", buffer)
    fields = [part for name in columns for part in ((f"{name}:length", ">i4"), (name, ">i8"))]
    content = buffer.getbuffer()[HEADER_BYTES:-TRAILER_BYTES]
    rows = np.frombuffer(content, np.dtype([("fields", ">i2"), *fields]))
    arrays = {name: rows[name].astype(np.int64) for name in columns}
    for name in times:
        arrays[name] += EPOCH_2000
    return arrays


def array_text(values: list[int] | list[str]) -> str:
    """An array as PostgreSQL reads it from one text: the driver would write and cast each value."""
    if not values:
        return "{}"
    if not isinstance(values[0], str):
        return "{" + ",".join(map(str, values)) + "}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + joined + '"}'


def copy_in_binary(table: str, columns: Sequence[str], rows: bytes) -> None:
    """Insert rows that are in PostgreSQL's binary form already, each with its count of fields."""
    content = io.BytesIO(b"".join((BINARY_HEADER, rows, BINARY_TRAILER)))
    with connection.wrap_database_errors, connection.cursor() as cursor:
        statement = f"copy {table} ({', '.join(columns)}) from stdin (format binary)"
        cursor.cursor.copy_expert(statement, content, 1 << 16)
