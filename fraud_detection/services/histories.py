"""Imported histories: whole in the registry and on disk, or not there at all."""

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fraud_detection.models import ImportedHistory
from fraud_detection.models.histories import NAME
from logs.services import record
from ml.history import History, HistoryMapping, HistoryRefused, load, save
from ml.history.reading import read_history

Progress = Callable[[int, float], None]
_ABANDONED_AFTER = 3_600  # seconds after which a directory that no row names is swept away
_NUL = re.compile(r"\\u0000")


class NoSuchHistory(LookupError):
    """No history of this name; the message names those there are."""


class HistoryExists(ValueError):
    """A history of this name is there already."""


def import_history(
    *,
    file: Path,
    mapping: HistoryMapping | Mapping[str, Any],
    name: str,
    acting: str,
    filename: str = "",
    request_id: str = "",
    progress: Progress = lambda rows, share: None,
) -> ImportedHistory:
    """Read a labelled CSV and keep it under a name; `filename` is what its uploader called the file.

    Raises HistoryRefused (the file or the mapping), HistoryExists, ValidationError (the name); then
    nothing is stored.
    """
    check_name(name)
    sweep()
    history, report = read_history(file, mapping, progress, name=name)
    report["file"]["name"] = filename or file.name
    directory = f"{name}-{secrets.token_hex(4)}"
    try:
        save(history, home() / directory)
        return _enter(history, directory, acting, request_id)
    except IntegrityError as taken:
        shutil.rmtree(home() / directory, ignore_errors=True)
        raise HistoryExists(_exists(name)) from taken
    except BaseException:
        shutil.rmtree(home() / directory, ignore_errors=True)
        raise


def open_history(name: str) -> History:
    """The history of this name, memory-mapped. Raises NoSuchHistory, or HistoryDamaged."""
    return load(home() / history_named(name).directory)


def history_named(name: str) -> ImportedHistory:
    """The row of a history; raises NoSuchHistory naming those there are."""
    if found := ImportedHistory.objects.filter(name=name).first():
        return found
    known = list(ImportedHistory.objects.values_list("name", flat=True)[:50])
    close = get_close_matches(name, known, 1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known[:10]) or 'none'}"
    raise NoSuchHistory(f"there is no history '{name}'; {hint}")


def delete_history(*, name: str, acting: str, request_id: str = "") -> None:
    """Forget a history: first its row, then its columns, which a crash in between leaves to `sweep`."""
    with transaction.atomic():
        history = ImportedHistory.objects.select_for_update().filter(name=name).first()
        if history is None:
            history_named(name)  # says what there is
        directory = home() / history.directory
        history.delete()
        _record("history.deleted", name, acting, request_id, before={"rows": history.rows})
        transaction.on_commit(lambda: shutil.rmtree(directory, ignore_errors=True))


def check_name(name: str) -> None:
    """Raise ValidationError for a name that cannot be one, HistoryExists for one that is taken."""
    try:
        NAME(name)
    except ValidationError as refused:
        raise ValidationError(f"'{name[:70]}' cannot be a name. {refused.messages[0]}") from refused
    if ImportedHistory.objects.filter(name=name).exists():
        raise HistoryExists(_exists(name))


def home() -> Path:
    """The directory that histories lie in."""
    return Path(settings.HISTORY_DIR)


def sweep() -> list[str]:
    """Remove directories that an interrupted import or deletion left behind; returns their names."""
    if not home().is_dir():
        return []
    known = set(ImportedHistory.objects.values_list("directory", flat=True))
    abandoned = [
        path
        for path in home().iterdir()
        if path.name not in known
        and path.name != "uploads"
        and path.is_dir()
        and time.time() - path.stat().st_mtime > _ABANDONED_AFTER
    ]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in abandoned]


def storable(value: Any) -> Any:
    """JSON as PostgreSQL takes it: a NUL character that stood in a file is left out."""
    return json.loads(_NUL.sub("", json.dumps(value)))


def _enter(history: History, directory: str, acting: str, request_id: str) -> ImportedHistory:
    with transaction.atomic():
        made = ImportedHistory.objects.create(
            name=history.name,
            mapping=storable(history.mapping),
            report=storable(history.report),
            rows=len(history),
            positives=history.positives,
            directory=directory,
            created_by=acting,
        )
        after = {
            "rows": made.rows,
            "positives": made.positives,
            "refused": history.report["refused"]["count"],
        }
        _record("history.imported", history.name, acting, request_id, after=after)
    return made


def _record(action: str, name: str, acting: str, request_id: str, **facts: dict[str, Any]) -> None:
    kind = "user" if "@" in acting else "system"
    record(
        action,
        actor_kind=kind,
        actor=acting or "system",
        subject_kind="history",
        subject=name,
        request_id=request_id,
        **facts,
    )


def _exists(name: str) -> str:
    return f"there is a history '{name}' already; choose another name, or delete that one first"


__all__ = [
    "HistoryExists",
    "HistoryRefused",
    "NoSuchHistory",
    "check_name",
    "delete_history",
    "history_named",
    "home",
    "import_history",
    "open_history",
    "storable",
    "sweep",
]
