"""What a decided event takes in PostgreSQL: bytes of rows and of indexes by table, and of WAL."""

from collections.abc import Iterator

from django.db import connection

from benchmarks import batch, engine, house
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic
from fraud_detection.services import bulk
from users.services import client_system

TABLES = """
    select c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid), c.reltuples::bigint
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
"""
WAL = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
SMALL = 0.001  # of all that was added: such tables are left out


def rows(*, count: int) -> Iterator[Row]:
    """Decides `count` payments into whatever stands there, and tells by how much each table grew."""
    engine.prepare(house.progress)
    traffic, client = Traffic(Population()), client_system("sizes")
    before, wal = _sizes(), _asked(WAL)
    for start in range(0, count, bulk.ROWS):
        chunk = batch._chunk(traffic, min(bulk.ROWS, count - start))
        if bulk.decide_rows("payments", chunk, client=client).stored != len(chunk):
            raise SystemExit("not every row was stored")
        house.progress(f"{start + len(chunk):,} of {count:,} decided")
    written, after = _asked(WAL) - wal, _sizes()
    grown = {name: _grown(after[name], before.get(name, (0, 0, 0))) for name in after}
    least = SMALL * sum(sum(one[:2]) for one in grown.values())
    for name, (heap, indexes, added) in sorted(grown.items(), key=lambda item: -sum(item[1][:2])):
        if heap + indexes >= least:
            yield _row(name, heap, indexes, added, count)
    heap, indexes, _ = (sum(one[place] for one in grown.values()) for place in range(3))
    yield {**_row("all tables", heap, indexes, 0, count), "wal_an_event": written / count}


def _grown(after: tuple[int, int, int], before: tuple[int, int, int]) -> tuple[int, int, int]:
    return after[0] - before[0], after[1] - before[1], after[2] - before[2]


def _row(name: str, heap: int, indexes: int, added: int, count: int) -> Row:
    return {
        "what": name,
        "rows": added or None,
        "bytes_a_row": (heap + indexes) / added if added else None,
        "rows_and_toast_an_event": heap / count,
        "indexes_an_event": indexes / count,
        "bytes_an_event": (heap + indexes) / count,
    }


def _sizes() -> dict[str, tuple[int, int, int]]:
    """By table: bytes of rows with what is toasted, bytes of indexes, rows."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
        cursor.execute(TABLES)
        return {name: (heap, indexes, max(rows, 0)) for name, heap, indexes, rows in cursor.fetchall()}


def _asked(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
