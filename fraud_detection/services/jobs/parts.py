"""Results and errors of a job: one part a chunk, the same bytes however often a chunk is done."""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db.models import Max

from fraud_detection.models import BatchJob, JobChunk
from fraud_detection.services.bulk import Refusal, RowResult
from fraud_detection.services.customers.reading import harmless
from fraud_detection.services.jobs.errors import FilesGone
from fraud_detection.services.jobs.places import ERRORS, RESULTS, part_path

HEADERS = {
    RESULTS: ("line", "event_id", "decision", "risk_score", "risk_level", "decision_id", "repeated"),
    ERRORS: ("line", "column", "reason"),
}
PIECE = 1 << 18


def write_parts(
    job: BatchJob, number: int, results: Iterable[tuple[RowResult, bool]], refused: Iterable[Refusal]
) -> None:
    """Write both parts of a chunk, each whole or not at all. `results`: with whether the row was repeated."""
    _write(
        part_path(job, RESULTS, number),
        (
            (
                one.line,
                harmless(one.event_id),
                one.decision,
                f"{one.risk_score:g}",
                one.risk_level,
                one.assessment_id,
                "true" if repeated else "false",
            )
            for one, repeated in results
        ),
    )
    _write(
        part_path(job, ERRORS, number),
        ((one.line, harmless(one.column), harmless(one.reason)) for one in refused),
    )


def _write(path: Path, rows: Iterable[tuple]) -> None:
    part = path.with_suffix(".part")
    try:
        with part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            csv.writer(file).writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def download(job: BatchJob, kind: str) -> Iterator[bytes]:
    """A CSV of what the finished chunks say, in order of time. Raises FilesGone before the first byte."""
    if job.files_removed_at is not None:
        raise FilesGone(f"the files of {job} were removed {job.files_removed_at:%Y-%m-%d}; the counts stay")
    newest = JobChunk.objects.filter(job=job, done_at__isnull=False).aggregate(n=Max("number"))["n"]
    return _parts(job, kind, -1 if newest is None else newest)


def _parts(job: BatchJob, kind: str, newest: int) -> Iterator[bytes]:
    header = io.StringIO()
    csv.writer(header).writerow(HEADERS[kind])
    yield header.getvalue().encode()
    for number in range(newest + 1):
        with part_path(job, kind, number).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
