"""One chunk: its rows decided, its parts written, its counts committed with the job's."""

import time

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from fraud_detection.models import BatchJob, JobChunk
from fraud_detection.services.bulk import ChunkResult, RowResult, decide_rows
from fraud_detection.services.jobs.finishing import go_on
from fraud_detection.services.jobs.holding import Heartbeat, Stopped, beat, cost, held
from fraud_detection.services.jobs.kinds import file_kind
from fraud_detection.services.jobs.parts import write_parts
from fraud_detection.services.jobs.places import INDEX, folder_of, read_file
from fraud_detection.services.jobs.slices import rows_of

NEWEST = """
    select case when is_called then last_value else 0 end from fraud_detection_assessment_id_seq
"""


def do_chunk(job: BatchJob) -> None:
    """Decide the next chunk of a job that this worker holds, and let it go. Raises Stopped.

    Decisions are committed by `decide_rows`; a kill before the count is committed leaves the chunk to be
    done again, which finds them made and gives the same parts and counts.
    """
    started = time.monotonic()
    number = job.chunks_done
    chunk, again = _begun(job, number)
    file = read_file(job)
    rows = rows_of(
        file, folder_of(job) / INDEX, file_kind(job.engine, file), number * job.chunk_rows, job.chunk_rows
    )
    with Heartbeat(job):
        decided = decide_rows(job.engine, rows, client=job.client, source=f"batch:{job.pk}")
    places = {row.line: place for place, row in enumerate(rows)}
    results = _told_apart(decided, places, chunk.assessments_before, again=again)
    refused = sorted(decided.refused, key=lambda refusal: places[refusal.line])
    beat(job)  # who was cut off and comes back leaves the parts to the one that took over
    write_parts(job, number, results, refused)
    _commit(job, chunk, len(rows), results, time.monotonic() - started)


def _begun(job: BatchJob, number: int) -> tuple[JobChunk, bool]:
    """The chunk, and whether it was begun before."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        newest = cursor.fetchone()[0]
    chunk, made = JobChunk.objects.get_or_create(
        job=job, number=number, defaults={"assessments_before": newest}
    )
    if not made:
        JobChunk.objects.filter(pk=chunk.pk).update(begun=F("begun") + 1)
    return chunk, not made


def _told_apart(
    decided: ChunkResult, places: dict[int, int], before: int, *, again: bool
) -> list[tuple[RowResult, bool]]:
    """Results in order of time, each with whether another row or an earlier run had decided it before.

    A chunk that is begun again takes what was decided since it was first begun for its own, as a kill may
    have come after the decisions. In one that is not, what stood there already is another job's or a call's.
    """
    results, seen = [], set()
    for one in sorted(decided.results, key=lambda result: places[result.line]):
        known = one.assessment_id <= before or (one.replayed and not again)
        repeated = known or one.assessment_id in seen
        seen.add(one.assessment_id)
        results.append((one, repeated))
    return results


def _commit(
    job: BatchJob, chunk: JobChunk, rows: int, results: list[tuple[RowResult, bool]], seconds: float
) -> None:
    repeated = sum(again for _, again in results)
    stored = len(results) - repeated
    decisions = dict(job.decisions)
    for one, again in results:
        if not again:
            decisions[one.decision] = decisions.get(one.decision, 0) + 1
    counts = {"stored": stored, "repeated": repeated, "failed": rows - len(results)}
    with transaction.atomic():
        mine = held(job).select_for_update().filter(chunks_done=chunk.number)
        if not mine.exists():
            raise Stopped(f"{job} chunk {chunk.number}")
        JobChunk.objects.filter(pk=chunk.pk).update(rows=rows, **counts, seconds=seconds, done_at=Now())
        held(job).update(
            rows_done=F("rows_done") + rows,
            rows_stored=F("rows_stored") + stored,
            rows_repeated=F("rows_repeated") + repeated,
            rows_failed=F("rows_failed") + counts["failed"],
            decisions=decisions,
            chunks_done=chunk.number + 1,
            turn=F("turn") + cost(job, seconds),
            lost=0,
            faults=0,
        )
        go_on(job)
