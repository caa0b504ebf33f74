"""Attachments: written below CASE_FILES_DIR under random names, and never changed."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from alerts.models import Case, CaseFile
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.file_kinds import check_content, type_of
from alerts.services.cases.holding import UNSTORABLE, noted, on_live_case
from alerts.services.cases.receiving import MEBIBYTE, FileTooLarge
from users.models import User

PART = ".part"
ABANDONED = timedelta(days=1)
CHUNK = 64 * 1024


class FileDamaged(CaseConflict):
    """What lies on disk is not what was attached."""


def attach_file(
    *, case_id: int, acting_user: User, name: str, content: Iterable[bytes], request_id: str = ""
) -> CaseFile:
    """Store an attachment; what fails half-way leaves nothing.

    Raises CaseRefused for a name, kind or content that is not taken, FileTooLarge, CaseConflict when the
    case is closed.
    """
    name = _clean_name(name)
    kind, stored = type_of(name), secrets.token_hex(20)
    path = path_of(stored)
    part = path.with_suffix(PART)
    try:
        size, digest = _write(part, content)
        check_content(part, name)

        def attach(case: Case) -> CaseFile:
            _check_quota(case, size)
            file = CaseFile.objects.create(
                case=case,
                name=name,
                content_type=kind,
                size=size,
                sha256=digest,
                stored=stored,
                added_by=acting_user.email,
            )
            after = {"file": file.pk, "sha256": digest, "bytes": size}
            noted(case, acting_user.email, "case.file_added", after=after, request_id=request_id)
            os.replace(part, path)
            return file

        return on_live_case(case_id, attach)
    except BaseException:
        for left in (part, path):
            left.unlink(missing_ok=True)
        raise


def file_content(file: CaseFile) -> Iterator[bytes]:
    """The bytes of an attachment; raises FileDamaged before the first when they are not what was attached."""
    path = path_of(file.stored)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stored:
            for part in iter(lambda: stored.read(CHUNK), b""):
                digest.update(part)
    except OSError as error:
        raise FileDamaged(f"“{file.name}” cannot be read from disk; restore it from a backup") from error
    if digest.hexdigest() != file.sha256:
        raise FileDamaged(f"“{file.name}” is not the file that was attached; restore it from a backup")
    return _parts(path)


def path_of(stored: str) -> Path:
    return settings.CASE_FILES_DIR / stored[:2] / stored


def forget_abandoned_files() -> int:
    """Remove what a killed process left: parts, and files without a row; returns how many."""
    if not settings.CASE_FILES_DIR.is_dir():
        return 0
    before = (timezone.now() - ABANDONED).timestamp()
    old = [path for path in settings.CASE_FILES_DIR.glob("??/*") if path.stat().st_mtime < before]
    known = set(CaseFile.objects.values_list("stored", flat=True)) if old else set()
    gone = [path for path in old if path.name not in known]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stored:
        yield from iter(lambda: stored.read(CHUNK), b"")


def _write(path: Path, content: Iterable[bytes]) -> tuple[int, str]:
    """(bytes, sha256) of what was written and flushed to disk."""
    limit, size, digest = settings.CASE_FILE_MB * MEBIBYTE, 0, hashlib.sha256()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for part in content:
            size += len(part)
            if size > limit:
                raise FileTooLarge("file", f"is larger than the {settings.CASE_FILE_MB:,} MiB that are taken")
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _check_quota(case: Case, size: int) -> None:
    held = case.files.aggregate(total=Sum("size"))["total"] or 0
    if held + size > settings.CASE_FILES_QUOTA_MB * MEBIBYTE:
        raise FileTooLarge(
            "file", f"the files of a case may have {settings.CASE_FILES_QUOTA_MB:,} MiB in all"
        )


def _clean_name(name: str) -> str:
    name = name.replace("\\", "/").rpartition("/")[2].strip()
    if UNSTORABLE.search(name) or not name.isprintable() or not name.strip("."):
        raise CaseRefused("file", "has a name that cannot be stored; rename it")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: 180 - len(extension)]}{dot}{extension[:20]}"
