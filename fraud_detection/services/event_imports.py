"""Loading files of any engine's events: validated and decided in order of time; a rerun adds nothing."""

from collections.abc import Callable
from pathlib import Path

from fraud_detection.services.bulk import decide_rows
from fraud_detection.services.csv_files import count_rows
from fraud_detection.services.error_file import ErrorFile
from fraud_detection.services.imports import Loaded
from fraud_detection.services.jobs.in_time import rows_in_time
from fraud_detection.services.jobs.kinds import file_kind
from fraud_detection.services.transaction_files import Row
from logs.services import record
from users.models import ClientSystem
from users.services import client_system

CHUNK = 500


def load_events(
    engine: str,
    path: Path,
    *,
    client_name: str,
    errors: Path,
    acting: str,
    progress: Callable[[int, int], None],
) -> Loaded:
    """Load a file; refused rows go to the CSV `errors` (line, column, reason).

    Raises FileRefused, JobRefused.

    `progress(done, total)` is told after every chunk.
    """
    total = count_rows(path, file_kind(engine, path).delimiter)
    client, loaded = client_system(client_name), Loaded()
    with ErrorFile(errors) as refused, rows_in_time(engine, path, CHUNK) as chunks:
        for chunk in chunks:
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
    found = decide_rows(engine, chunk, client=client, source="load_events")
    for refusal in found.refused:
        refused.write(*refusal)
    loaded.add(len(chunk), found)
