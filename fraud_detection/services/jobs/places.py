"""Where the files of jobs lie, and whether there is room for more."""

import os
import secrets
import shutil
import time
from pathlib import Path

from django.conf import settings

from fraud_detection.models import BatchJob, JobSource
from fraud_detection.services.jobs.errors import JobRefused, NoRoom

MEBIBYTE = 1 << 20
UPLOAD, SOURCE, INDEX = "upload", "source.csv", "index"
RESULTS, ERRORS = "results", "errors"
DATASET_ENDINGS = (".csv", ".tsv", ".txt", ".gz")
ABANDONED = 86_400  # seconds after which a directory that no job names is swept away


def home() -> Path:
    return Path(settings.BATCH_DIR)


def new_folder() -> str:
    """A directory for a job to be, which nobody can guess."""
    name = secrets.token_hex(20)
    (home() / name).mkdir(mode=0o700, parents=True)
    return name


def folder_of(job: BatchJob) -> Path:
    return home() / job.folder


def given_file(job: BatchJob) -> Path:
    """The file as it came. Raises JobRefused when a file that is not ours is gone or was changed."""
    if job.source == JobSource.UPLOAD:
        return folder_of(job) / UPLOAD
    path = dataset_path(job.path) if job.source == JobSource.DATASET else Path(job.path)
    try:
        found = path.stat()
    except OSError as error:
        raise JobRefused("dataset", f"{job.filename} cannot be read any more: {error.strerror}") from error
    if (found.st_size, found.st_mtime_ns) != (job.size, job.modified_ns):
        raise JobRefused("dataset", f"{job.filename} was changed since the job was made; make a new one")
    return path


def read_file(job: BatchJob) -> Path:
    """The plain file that the index points into: what was unpacked, else the file as it came."""
    unpacked = folder_of(job) / SOURCE
    return unpacked if unpacked.is_file() else given_file(job)


def part_path(job: BatchJob, kind: str, number: int) -> Path:
    return folder_of(job) / kind / f"{number:08d}.csv"


def check_room(size: int) -> None:
    """Raises NoRoom when `size` more bytes would leave less than BATCH_FREE_MB on the disk."""
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(home()).free
    if free - size < settings.BATCH_FREE_MB * MEBIBYTE:
        raise NoRoom(
            "file",
            f"the disk has {free // MEBIBYTE:,} MiB free, of which BATCH_FREE_MB keeps"
            f" {settings.BATCH_FREE_MB:,}; make room and send it again",
        )


def datasets() -> list[tuple[str, int]]:
    """(name, bytes) of the files that may be named as data sets, by name."""
    base = Path(settings.BATCH_DATASETS_DIR).resolve()
    if not base.is_dir():
        return []
    found = (path for path in base.rglob("*") if path.name.endswith(DATASET_ENDINGS))
    inside = (path for path in found if path.is_file() and path.resolve().is_relative_to(base))
    return sorted((str(path.relative_to(base)), path.stat().st_size) for path in inside)[:500]


def dataset_path(name: str) -> Path:
    """A file of BATCH_DATASETS_DIR, nothing outside. Raises JobRefused."""
    base = Path(settings.BATCH_DATASETS_DIR).resolve()
    unknown = JobRefused("dataset", "is not a file of the directory of data sets; see GET /jobs/datasets/")
    try:
        name.encode()
        path = (base / name).resolve()
        known = path.is_relative_to(base) and path.is_file() and path.name.endswith(DATASET_ENDINGS)
    except (ValueError, OSError):  # NUL, lone surrogates, names no file system takes
        raise unknown from None
    if not known:
        raise unknown
    return path


def clean_name(name: str) -> str:
    """What a file is called on pages: its last part, printable, at most 200 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isalnum() or sign in " ._-()+")
    return kept.strip(". ")[-200:] or "file.csv"


def sync(path: Path) -> None:
    """Bring what was written to a file to the disk itself."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def forget(folder: str) -> None:
    """Remove a job's directory and everything in it."""
    if len(folder) == 40 and folder.isalnum():  # never the directory of all of them
        shutil.rmtree(home() / folder, ignore_errors=True)


def sweep(now: float | None = None) -> list[str]:
    """Remove directories of uploads that never became a job; their names."""
    before = (now or time.time()) - ABANDONED
    old = [path for path in home().glob("*") if path.is_dir() and path.stat().st_mtime < before]
    known = set(
        BatchJob.objects.filter(folder__in=[path.name for path in old]).values_list("folder", flat=True)
    )
    gone = [path.name for path in old if path.name not in known]
    for name in gone:
        forget(name)
    return gone
