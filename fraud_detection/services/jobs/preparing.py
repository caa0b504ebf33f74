"""Before the first row is decided: unpack the file, find its rows, put them in order of time."""

import gzip
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db.models.functions import Now

from fraud_detection.models import BatchJob, JobSource, JobState
from fraud_detection.services.csv_files import UNREADABLE, FileRefused, unreadable
from fraud_detection.services.jobs.errors import JobTooLarge
from fraud_detection.services.jobs.holding import beat
from fraud_detection.services.jobs.kinds import FileKind, file_kind
from fraud_detection.services.jobs.masking import copy_masked
from fraud_detection.services.jobs.ordering import build_index
from fraud_detection.services.jobs.places import (
    ERRORS,
    INDEX,
    MEBIBYTE,
    RESULTS,
    SOURCE,
    UPLOAD,
    check_room,
    folder_of,
    given_file,
    sync,
)
from fraud_detection.services.jobs.scanning import scan

CHECKED_EVERY = 64 * MEBIBYTE
BYTES_A_ROW = 60  # of the index and what is sorted to make it
SHORTEST_ROW = 20
TOLD_EVERY = 1.0  # seconds


def prepare(job: BatchJob) -> None:
    """Make the index; done again from the start after a kill. Raises FileRefused, JobRefused, Stopped."""
    folder, told = folder_of(job), _Told(job)
    for name in (RESULTS, ERRORS):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    file = _plain(job, folder, told)
    check_room(file.stat().st_size // SHORTEST_ROW * BYTES_A_ROW // 4)
    kind = file_kind(job.engine, file)
    ordered = build_index(scan(file, kind, told), folder / INDEX)
    if not ordered.rows:
        raise FileRefused("line 2: there are no data rows")
    sync(folder / INDEX)
    beat(
        job,
        rows_total=ordered.rows,
        rows_late=ordered.late,
        prepared_at=Now(),
        state=JobState.RUNNING,
        bytes_read=file.stat().st_size,
    )


def _plain(job: BatchJob, folder: Path, told: "_Told") -> Path:
    """A file that is not ours and not packed, itself; else a plain copy of it without card numbers.

    Once that stands, the upload is removed: nothing needs it any more.
    """
    copy = folder / SOURCE
    if job.source == JobSource.UPLOAD and copy.exists():
        (folder / UPLOAD).unlink(missing_ok=True)
        return copy
    given = given_file(job)
    with given.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    if not packed and job.source != JobSource.UPLOAD:
        return given
    part = copy.with_suffix(".part")
    try:
        copy_plain(given, part, packed, file_kind(job.engine, given), told)
        sync(part)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
    if job.source == JobSource.UPLOAD:
        given.unlink()
    return copy


def copy_plain(
    given: Path, part: Path, packed: bool, kind: FileKind, told: Callable[[int], None] = lambda size: None
) -> None:
    """Unpack a file and mask the card numbers in it. Raises FileRefused, JobTooLarge, NoRoom."""
    limit, size, checked = settings.BATCH_UNPACKED_MB * MEBIBYTE, 0, 0

    def watched(read: int) -> None:
        nonlocal size, checked
        size = read
        if packed and size > limit:
            raise JobTooLarge(
                "file", f"unpacks to more than {settings.BATCH_UNPACKED_MB:,} MiB (BATCH_UNPACKED_MB)"
            )
        if size >= checked:
            check_room(CHECKED_EVERY)
            checked = size + CHECKED_EVERY
        told(size)

    opened = gzip.open if packed else open
    with opened(given, "rb") as source, part.open("wb") as plain:
        copy_masked(_Readable(source), plain, kind, watched)


class _Readable:
    """What the packed file holds, line by line; raises FileRefused where it cannot be unpacked."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.size = file, 0

    def readline(self, at_most: int) -> bytes:
        try:
            line = self.file.readline(at_most)
        except UNREADABLE as error:
            raise FileRefused(_packed_wrong(error, self.size)) from error
        self.size += len(line)
        return line


def _packed_wrong(error: Exception, size: int) -> str:
    if isinstance(error, EOFError):
        return f"the compressed file ends early, after {size:,} bytes; it was cut off in transfer"
    return unreadable(error, 1)


def clear_source(job: BatchJob) -> None:
    """What is not needed once every row is decided: the uploaded rows themselves, and their index."""
    folder = folder_of(job)
    for name in (UPLOAD, SOURCE, INDEX):
        (folder / name).unlink(missing_ok=True)
    for left in folder.glob("*.part"):
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


class _Told:
    """Writes down how far the reading is, at most once a second; raises Stopped when it was taken away."""

    def __init__(self, job: BatchJob) -> None:
        self.job, self.last = job, 0.0

    def __call__(self, size: int) -> None:
        if time.monotonic() - self.last >= TOLD_EVERY:
            self.last = time.monotonic()
            beat(self.job, bytes_read=size)
