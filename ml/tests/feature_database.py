"""Temporary PostgreSQL tables with the columns that feature statements read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ml.features.columns import TABLES
from ml.features.sql import Statement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def create_tables(cursor) -> None:
    """Temporary tables hide the real ones of the same name for this connection."""
    for table, columns in TABLES.items():
        cursor.execute(f"create temp table {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")


def drop_tables(cursor) -> None:
    cursor.execute(f"drop table {', '.join(f'pg_temp.{t}' for t in TABLES)}")


def empty_tables(cursor) -> None:
    cursor.execute(f"truncate {', '.join(f'pg_temp.{t}' for t in TABLES)}")


def moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def insert(cursor, table: str, rows: Iterable[dict]) -> None:
    columns = TABLES[table]
    marks = ", ".join(["%s"] * len(columns))
    values = [
        tuple(moment(r[c]) if c in ("occurred_at", "known_at") else r[c] for c in columns) for r in rows
    ]
    if values:
        rows_sql = ", ".join([f"({marks})"] * len(values))
        cursor.execute(f"insert into {table} values {rows_sql}", [v for row in values for v in row])


def ask(cursor, statement: Statement, name: str, event: dict) -> tuple:
    """Execute the prepared statement for one event given with microseconds."""
    timed = event | {"occurred_at": moment(event["occurred_at"])}
    cursor.execute(statement.execute(name), statement.arguments(timed))
    return cursor.fetchone()
