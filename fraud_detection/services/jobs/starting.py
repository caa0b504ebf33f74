"""Making a job: of an uploaded file, of a data set on the server, of a file that a command names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import BatchJob, JobPriority, JobSource, JobState
from fraud_detection.models.jobs import ENDED
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.jobs import places
from fraud_detection.services.jobs.errors import JobRefused, JobTooLarge, TooManyJobs
from fraud_detection.services.jobs.holding import first_turn
from fraud_detection.services.jobs.kinds import file_kind
from fraud_detection.services.jobs.places import MEBIBYTE
from fraud_detection.services.jobs.progress import tell_pages
from fraud_detection.services.jobs.working import tell_a_worker
from logs.services import record
from users.models import ClientSystem

ONE_BY_ONE = ("credit", "insurance", "market")  # decided one by one: a tenth of the rows a chunk
LIMITING = 0x4A4F424C  # the advisory lock under which the jobs of a client system are counted
CHECKED_EVERY = 64 * MEBIBYTE


def check_terms(engine: str, priority: str) -> None:
    """Raises JobRefused for an engine or a priority that there is not."""
    if engine not in ENGINES:
        raise JobRefused("engine", f"must be one of {', '.join(sorted(ENGINES))}")
    if priority not in JobPriority.values:
        raise JobRefused("priority", f"must be one of {', '.join(JobPriority.values)}")


def start_upload(
    *,
    filename: str,
    content: Iterable[bytes],
    engine: str,
    priority: str,
    client: ClientSystem,
    acting: str,
    request_id: str = "",
) -> BatchJob:
    """Keep an uploaded file and queue it. Raises JobRefused, FileRefused, TooManyJobs; nothing stays."""
    check_terms(engine, priority)
    folder = places.new_folder()
    try:
        size = keep(places.home() / folder / places.UPLOAD, content)
        return adopt_upload(
            folder=folder,
            filename=filename,
            size=size,
            engine=engine,
            priority=priority,
            client=client,
            acting=acting,
            request_id=request_id,
        )
    except BaseException:
        places.forget(folder)
        raise


def adopt_upload(*, folder: str, filename: str, size: int, **terms: Any) -> BatchJob:
    """Queue a file that lies whole in its folder already; terms as of `start_upload`."""
    check_terms(terms["engine"], terms["priority"])
    path = places.home() / folder / places.UPLOAD
    _check_header(terms["engine"], path)
    return _made(JobSource.UPLOAD, filename=filename, folder=folder, size=size, **terms)


def start_dataset(*, name: str, **terms: Any) -> BatchJob:
    """Queue a file of BATCH_DATASETS_DIR, read where it lies; terms as of `start_upload`."""
    return _of_given(JobSource.DATASET, name, places.dataset_path(name), **terms)


def start_file(*, path: Path, **terms: Any) -> BatchJob:
    """Queue a file that a command names; only commands may. Terms as of `start_upload`."""
    return _of_given(JobSource.FILE, str(path.resolve()), path, **terms)


def keep(path: Path, content: Iterable[bytes]) -> int:
    """Write an upload down as it comes; its size. Raises JobTooLarge, NoRoom."""
    limit, size, checked = settings.BATCH_UPLOAD_MB * MEBIBYTE, 0, 0
    with path.open("wb") as file:
        for piece in content:
            size += len(piece)
            if size > limit:
                raise JobTooLarge("file", too_large())
            if size >= checked:
                places.check_room(CHECKED_EVERY)
                checked = size + CHECKED_EVERY
            file.write(piece)
    places.sync(path)
    return size


def too_large() -> str:
    return (
        f"is larger than {settings.BATCH_UPLOAD_MB:,} MiB (BATCH_UPLOAD_MB); compress it with gzip, put it"
        " into BATCH_DATASETS_DIR, or use manage.py run_job"
    )


def _of_given(source: JobSource, name: str, path: Path, **terms: Any) -> BatchJob:
    check_terms(terms["engine"], terms["priority"])
    _check_header(terms["engine"], path)
    found = path.stat()
    folder = places.new_folder()
    facts = {"path": name, "size": found.st_size, "modified_ns": found.st_mtime_ns}
    try:
        return _made(source, filename=path.name, folder=folder, **facts, **terms)
    except BaseException:
        places.forget(folder)
        raise


def _check_header(engine: str, path: Path) -> None:
    """The first line is looked at at once, so that a wrong file is refused to whoever sends it."""
    engine_in_use(engine)
    try:
        file_kind(engine, path)
    except StopIteration as error:  # an empty file has no header
        raise FileRefused("line 1: the file is empty") from error


@transaction.atomic
def _made(
    source: JobSource,
    *,
    filename: str,
    folder: str,
    engine: str,
    priority: str,
    client: ClientSystem,
    acting: str,
    request_id: str = "",
    **facts: Any,
) -> BatchJob:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", (LIMITING, client.pk % 2**31))
    _refuse_too_many(client)
    rows = settings.BATCH_CHUNK_ROWS
    job = BatchJob.objects.create(
        engine=engine,
        filename=places.clean_name(filename),
        source=source,
        folder=folder,
        client=client,
        priority=priority,
        chunk_rows=max(10, rows // 10) if engine in ONE_BY_ONE else rows,
        state=JobState.QUEUED,
        turn=first_turn(),
        created_by=acting[:150],
        **facts,
    )
    record(
        "job.created",
        actor_kind="user" if "@" in acting else "key" if request_id else "system",
        actor=acting,
        subject_kind="job",
        subject=str(job.pk),
        after={"engine": engine, "bytes": job.size, "client": client.name, "source": source.value},
        request_id=request_id,
    )
    transaction.on_commit(lambda: tell_pages(job.pk))
    if source != JobSource.FILE:
        transaction.on_commit(tell_a_worker)
    return job


def _refuse_too_many(client: ClientSystem) -> None:
    most = settings.BATCH_JOBS_PER_CLIENT
    unfinished = BatchJob.objects.filter(client=client).exclude(state__in=ENDED).count()
    if unfinished >= most:
        raise TooManyJobs(
            f"{client} has {unfinished} unfinished jobs, at most {most} are possible (BATCH_JOBS_PER_CLIENT):"
            " wait for one, or cancel it"
        )
