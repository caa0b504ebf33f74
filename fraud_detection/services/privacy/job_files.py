"""Files of batch jobs that name an erased customer: rows that were not decided, and what was refused."""

import mmap
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from fraud_detection.models import BatchJob
from fraud_detection.models.jobs import ENDED
from fraud_detection.services.jobs.places import ERRORS, SOURCE, UPLOAD, folder_of, forget, sync
from fraud_detection.services.privacy.scope import Scope


def job_files(scope: Scope) -> int:
    """Of jobs that ended: uploads with the customer go, with all files of the job; errors are rewritten.

    A job that goes on keeps its rows: they are events that come after the erasure.
    """
    sought = [value.encode() for value in scope.searched]
    changed = 0
    for job in BatchJob.objects.filter(state__in=ENDED, files_removed_at=None).order_by("pk"):
        folder = folder_of(job)
        if any(_holds(folder / name, sought) for name in (UPLOAD, SOURCE)):
            if BatchJob.objects.filter(pk=job.pk, state__in=ENDED).update(files_removed_at=timezone.now()):
                forget(job.folder)
                changed += 1
            continue
        for part in sorted((folder / ERRORS).glob("*.csv")):
            changed += _rewritten(part, scope.pseudonyms.text)
    return changed


def _holds(path: Path, sought: list[bytes]) -> bool:
    """A packed upload that nobody has read is not looked into: it goes."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content[:2] == b"\x1f\x8b" or any(content.find(value) >= 0 for value in sought)


def _rewritten(part: Path, replace: Callable[[str], str]) -> bool:
    with part.open(encoding="utf-8", newline="") as file:
        said = file.read()
    told = replace(said)
    if told == said:
        return False
    new = part.with_suffix(".part")
    new.write_bytes(told.encode())
    sync(new)
    new.replace(part)
    return True
