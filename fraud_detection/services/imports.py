"""Loading files of payments: validated, decided and labelled in order of time; a rerun adds nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fraud_detection.services.bulk import ROWS, ChunkResult, decide_rows
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.error_file import ErrorFile
from fraud_detection.services.jobs.in_time import rows_in_time
from fraud_detection.services.transaction_files import Row, check_file
from logs.services import record
from users.models import ClientSystem
from users.services import client_system


@dataclass
class Loaded:
    """What became of the rows of a file."""

    rows: int = 0
    stored: int = 0
    repeated: int = 0
    failed: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    errors: Path | None = None  # where the refused rows stand

    def add(self, rows: int, found: ChunkResult) -> None:
        """Enter a chunk of so many rows."""
        self.rows += rows
        self.stored += found.stored
        self.repeated += found.repeated
        self.failed += found.failed
        for decision, count in found.decisions.items():
            self.decisions[decision] = self.decisions.get(decision, 0) + count

    def told(self) -> str:
        """One line for people."""
        decisions = ", ".join(f"{count:,} {name}" for name, count in sorted(self.decisions.items()))
        return (
            f"{self.rows:,} rows: {self.stored:,} stored, {self.repeated:,} already there,"
            f" {self.failed:,} refused; {decisions or 'no new decisions'}"
        )


def load_payments(
    path: Path, *, client_name: str, errors: Path, acting: str, progress: Callable[[int, int], None]
) -> Loaded:
    """Load a file; refused rows go to the CSV `errors` (line, column, reason).

    Raises FileRefused, JobRefused.

    `progress(done, total)` is told after every chunk.
    """
    declared = frozenset(field.name for field in engine_in_use("payments").fields)
    total = check_file(path, declared)
    client = client_system(client_name)
    loaded = Loaded()
    with ErrorFile(errors) as refused, rows_in_time("payments", path, ROWS) as chunks:
        for chunk in chunks:
            _load_chunk(chunk, client, loaded, refused)
            progress(loaded.rows, total)
        loaded.errors = refused.path if loaded.failed else None
    record(
        "transactions.loaded",
        actor_kind="system",
        actor=acting,
        subject_kind="file",
        subject=path.name,
        after={"rows": loaded.rows, "stored": loaded.stored, "failed": loaded.failed},
    )
    return loaded


def _load_chunk(chunk: list[Row], client: ClientSystem, loaded: Loaded, refused: ErrorFile) -> None:
    found = decide_rows("payments", chunk, client=client, source="load_transactions")
    for refusal in found.refused:
        refused.write(*refusal)
    loaded.add(len(chunk), found)
