"""Deciding the rows of a file, chunk by chunk."""

from collections.abc import Sequence

import structlog

from fraud_detection.services.bulk.plain import decide_plainly
from fraud_detection.services.bulk.reading import NotPlain
from fraud_detection.services.bulk.result import ChunkResult
from fraud_detection.services.bulk.swiftly import decide_swiftly
from fraud_detection.services.serving import serving
from fraud_detection.services.transaction_files import Row
from users.models import ClientSystem

PAYMENTS = "payments"
FEWEST = 100  # fewer rows gain nothing by being computed together
ROWS = 10_000  # a good size for a chunk: what it holds in memory beside what it gains by being large
log = structlog.get_logger(__name__)


def decide_rows(engine: str, rows: Sequence[Row], *, client: ClientSystem, source: str = "") -> ChunkResult:
    """Validate, store and decide rows in their order, each as if it had been sent alone; again adds nothing.

    `source` names the file or job in the log. Refusals and results come in the order of lines.
    """
    result = ChunkResult()
    for row in rows:
        if row.problem is not None:
            result.refuse(row.line, row.column, row.problem)
    good = [row for row in rows if row.problem is None]
    if engine == PAYMENTS and len(good) >= FEWEST:
        good = _swiftly(good, client, result, source)
    if good:
        decide_plainly(engine, good, client, result)
    return result.in_order()


def _swiftly(rows: list[Row], client: ClientSystem, into: ChunkResult, source: str) -> list[Row]:
    """The rows that remain to be decided the ordinary way."""
    try:
        return decide_swiftly(rows, serving(PAYMENTS), client, into)
    except NotPlain as special:
        log.info("rows_decided_plainly", rows=len(rows), source=source, reason=str(special))
        return rows
