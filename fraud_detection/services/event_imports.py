"""Loading files of any engine's events: validated, stored and decided in order; a rerun adds nothing."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.announcing import Decided
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.error_file import ErrorFile
from fraud_detection.services.event_files import EventFile
from fraud_detection.services.imports import Loaded
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.transaction_files import Row
from logs.services import record
from ml.domains.payments.schema import FIELDS as TRANSACTION_FIELDS
from users.models import ClientSystem
from users.services import client_system

CHUNK = 500


def event_file(engine: str, path: Path) -> EventFile:
    """The file as one of this engine's; raises KeyError for an unknown engine."""
    source = SOURCES.get(engine)
    declared = tuple(field.reader for field in engine_in_use(engine).fields)
    known = source.fields if source else TRANSACTION_FIELDS
    return EventFile(path, (*known, *declared), ENGINES[engine].id_field)


def load_events(
    engine: str,
    path: Path,
    *,
    client_name: str,
    errors: Path,
    acting: str,
    progress: Callable[[int, int], None],
) -> Loaded:
    """Load a file; refused rows go to the CSV `errors` (line, column, reason). Raises FileRefused.

    `progress(done, total)` is told after every chunk.
    """
    file = event_file(engine, path)
    total, client, loaded = file.count(), client_system(client_name), Loaded()
    rows = file.rows()
    with ErrorFile(errors) as refused:
        while chunk := list(islice(rows, CHUNK)):
            _load_chunk(engine, chunk, client, loaded, refused)
            progress(loaded.rows, total)
        loaded.errors = refused.path if loaded.failed else None
    record(
        "events.loaded",
        actor_kind="system",
        actor=acting,
        subject_kind="file",
        subject=path.name,
        after={"engine": engine, "rows": loaded.rows, "stored": loaded.stored, "failed": loaded.failed},
    )
    return loaded


def _load_chunk(
    engine: str, chunk: list[Row], client: ClientSystem, loaded: Loaded, refused: ErrorFile
) -> None:
    good = [row for row in chunk if row.problem is None]
    for row in chunk:
        if row.problem is not None:
            refused.write(row.line, row.column, row.problem)
    records = [row.record for row in good]
    if engine in SOURCES:
        results = decide_events(engine, records, client=client, text=True)
    else:
        results = decide_payments(records, client=client, text=True, engine=engine)
    for row, result in zip(good, results, strict=True):
        if isinstance(result, Decided):
            loaded.count(result)
        else:
            refused.write_refusal(row.line, result)
    loaded.rows += len(chunk)
    loaded.failed = loaded.rows - loaded.stored - loaded.repeated
