"""Files uploaded to become a history: kept until their mapping is confirmed, then imported by a worker."""

import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from fraud_detection.models import HistoryUpload, UploadStage
from fraud_detection.services.histories import (
    HistoryExists,
    HistoryRefused,
    check_name,
    home,
    import_history,
    storable,
)
from logs.services import record
from ml.history import HistoryMapping
from ml.history.proposing import proposal
from users.models import User

KEPT = timedelta(days=1)  # a file whose mapping nobody confirmed
STALLED = timedelta(minutes=2)  # an import that says nothing for so long lost its worker
TASK = "fraud_detection.tasks.import_uploaded_history"
QUEUE_AWAY = "No worker could be told: the queue does not answer. Try again in a moment."
LOOKED_AT = 50_000  # rows that the proposal in a request is made from
MEBIBYTE = 1 << 20
_TOLD_EVERY = 1.0  # seconds


class UploadRefused(ValueError):
    """A file that is too large, or an upload that is gone or being imported already."""


def take_upload(*, filename: str, content: Iterable[bytes], acting_user: User) -> HistoryUpload:
    """Keep an uploaded file and propose its mapping. Raises UploadRefused, HistoryRefused; nothing stays."""
    forget_old_uploads()
    upload = HistoryUpload(filename=Path(filename).name[-200:] or "file.csv", created_by=acting_user.email)
    path = file_of(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        upload.size = _written(path, content)
        proposed = proposal(path, looked_at=LOOKED_AT)
        upload.mapping = storable(proposed.mapping.as_json())
        labels = dict(list(proposed.labels.items())[:20])
        upload.reasons = storable({"columns": dict(proposed.reasons), "labels": labels})
        with transaction.atomic():
            upload.save(force_insert=True)
            _record("history.uploaded", upload, acting_user, {"bytes": upload.size})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return upload


def start_import(
    *, upload_id: uuid.UUID, name: str, mapping: dict[str, Any], acting_user: User
) -> HistoryUpload:
    """Confirm the mapping and queue the import; a worker then calls `run_import`.

    Raises MappingRefused, HistoryExists, ValidationError (the name), UploadRefused.
    """
    HistoryMapping.from_json(mapping)
    check_name(name)
    with transaction.atomic():
        waiting = HistoryUpload.objects.filter(_may_start(timezone.now()), pk=upload_id)
        queued = waiting.update(
            name=name,
            mapping=storable(mapping),
            stage=UploadStage.QUEUED,
            created_by=acting_user.email,
            changed_at=timezone.now(),
            rows_read=0,
            share_read=0,
            problem="",
        )
        if not queued:
            raise UploadRefused("this file is being imported already, or was discarded")
        transaction.on_commit(lambda: _tell_a_worker(upload_id))
    return HistoryUpload.objects.get(pk=upload_id)


def run_import(upload_id: uuid.UUID | str) -> None:
    """Import a queued upload; a second call of the same finds it taken and does nothing."""
    taken = HistoryUpload.objects.filter(pk=upload_id, stage=UploadStage.QUEUED).update(
        stage=UploadStage.IMPORTING, changed_at=timezone.now()
    )
    if not taken:
        return
    upload = HistoryUpload.objects.get(pk=upload_id)
    try:
        history = import_history(
            file=kept_file(upload),
            mapping=upload.mapping,
            name=upload.name,
            acting=upload.created_by,
            filename=upload.filename,
            progress=_Told(upload),
        )
    except (HistoryRefused, HistoryExists) as refused:
        _end(upload, UploadStage.FAILED, problem=str(refused)[:2_000].replace("\x00", ""))
    except Exception as error:
        _end(
            upload, UploadStage.FAILED, problem=f"The import broke off ({type(error).__name__}); see the log."
        )
        raise
    else:
        _end(upload, UploadStage.DONE, history=history, share_read=1.0, rows_read=history.rows)
        file_of(upload).unlink(missing_ok=True)


def discard_upload(*, upload_id: uuid.UUID, acting_user: User) -> None:
    """Forget an uploaded file that is not being imported; UploadRefused when it is."""
    with transaction.atomic():
        for upload in HistoryUpload.objects.select_for_update().filter(
            _may_start(timezone.now()), pk=upload_id
        ):
            _record("history.upload_discarded", upload, acting_user)
            _forget(upload)
    if HistoryUpload.objects.filter(pk=upload_id).exclude(stage=UploadStage.DONE).exists():
        raise UploadRefused("this file is being imported; wait until that is done")


def forget_old_uploads() -> None:
    """Delete what was uploaded a day ago and not imported since."""
    old = timezone.now() - KEPT
    for upload in HistoryUpload.objects.filter(changed_at__lt=old):
        _forget(upload)


def file_of(upload: HistoryUpload) -> Path:
    """Where the uploaded file lies."""
    return home() / "uploads" / f"{upload.pk}.csv"


def kept_file(upload: HistoryUpload) -> Path:
    """The same, which must be there still; HistoryRefused says what to do when it is not."""
    path = file_of(upload)
    if not path.is_file():
        raise HistoryRefused("the uploaded file is gone; upload it again")
    return path


def has_stalled(upload: HistoryUpload) -> bool:
    """Whether the import stopped telling how far it is."""
    return upload.stage == UploadStage.IMPORTING and upload.changed_at < timezone.now() - STALLED


def _tell_a_worker(upload_id: uuid.UUID) -> None:
    """Queue the import by the name of its task: tasks stand above services, and load the training code."""
    try:
        current_app.send_task(TASK, args=(str(upload_id),))
    except OperationalError:
        waiting = HistoryUpload.objects.filter(pk=upload_id, stage=UploadStage.QUEUED)
        waiting.update(stage=UploadStage.FAILED, problem=QUEUE_AWAY, changed_at=timezone.now())


def _may_start(now) -> Q:
    stalled = Q(stage=UploadStage.IMPORTING, changed_at__lt=now - STALLED)
    return Q(stage__in=(UploadStage.DRAFT, UploadStage.FAILED)) | stalled


def _written(path: Path, content: Iterable[bytes]) -> int:
    limit, size = settings.HISTORY_UPLOAD_MB * MEBIBYTE, 0
    with path.open("wb") as file:
        for part in content:
            size += len(part)
            if size > limit:
                raise UploadRefused(too_large())
            file.write(part)
    return size


def too_large() -> str:
    """What is said of a file above the limit."""
    return (
        f"the file is larger than {settings.HISTORY_UPLOAD_MB:,} MiB (HISTORY_UPLOAD_MB); compress it with "
        "gzip, or import it with manage.py import_history"
    )


def _end(upload: HistoryUpload, stage: UploadStage, **facts: Any) -> None:
    HistoryUpload.objects.filter(pk=upload.pk).update(stage=stage, changed_at=timezone.now(), **facts)


def _forget(upload: HistoryUpload) -> None:
    file_of(upload).unlink(missing_ok=True)
    upload.delete()


def _record(
    action: str, upload: HistoryUpload, acting_user: User, after: dict[str, Any] | None = None
) -> None:
    record(
        action,
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="history_upload",
        subject=str(upload.pk),
        after=after,
    )


class _Told:
    """Writes down how far an import is, at most once a second."""

    def __init__(self, upload: HistoryUpload):
        self.upload, self.last = upload, 0.0

    def __call__(self, rows: int, share: float) -> None:
        if time.monotonic() - self.last < _TOLD_EVERY:
            return
        self.last = time.monotonic()
        HistoryUpload.objects.filter(pk=self.upload.pk).update(
            rows_read=rows, share_read=share, changed_at=timezone.now()
        )
