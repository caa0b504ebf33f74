"""Statements that every event runs, parsed and planned once a connection instead of once an event."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection


def run_prepared(cursor, name: str, text: str, arguments: Sequence[Any]) -> None:
    """Execute `text` with %s placeholders as the prepared statement `name`; results are on the cursor.

    A name belongs to one text for good; parameter types are those the text implies.
    """
    prepare_once(cursor, name, _prepare(name, text))
    cursor.execute(_execute(name, len(arguments)), arguments)


def prepare_once(cursor, name: str, text: str) -> None:
    """Send a PREPARE where its connection has not had it: prepared statements live as long as that."""
    inner = connection.connection
    known = getattr(connection, "_prepared", None)
    if known is None or known[0] is not inner:
        cursor.execute("deallocate prepare all")
        known = connection._prepared = (inner, set())
    if name not in known[1]:
        cursor.execute(text)
        known[1].add(name)


@lru_cache(maxsize=64)
def _prepare(name: str, text: str) -> str:
    first, *rest = text.split("%s")
    return f"prepare {name} as {first}" + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


@lru_cache(maxsize=64)
def _execute(name: str, count: int) -> str:
    return f"execute {name}({', '.join(['%s'] * count)})"
