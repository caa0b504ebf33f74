"""Loading a file of customers: all of it or nothing, and a rerun changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.customers import staging
from fraud_detection.services.customers.files import Layout, Row, read_layout, read_rows
from fraud_detection.services.error_file import ErrorFile
from logs.redacting import redact_text
from logs.services import record

CHUNK = 2_000
TOLD = 10


@dataclass
class LoadedCustomers:
    """What became of the rows of a file; `left_out` are columns not taken in, each with the reason."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    first_problems: list[str] = field(default_factory=list)
    errors: Path | None = None

    @property
    def unchanged(self) -> int:
        return self.rows - self.refused - self.new - self.changed


class RowsRefused(ValueError):
    """Rows that cannot be stored, so nothing was; `loaded` says how many, the first, and where all stand."""

    def __init__(self, loaded: LoadedCustomers):
        self.loaded = loaded
        super().__init__(f"{loaded.refused:,} of {loaded.rows:,} rows are refused; nothing was stored")


def load_customers(
    path: Path,
    *,
    errors: Path,
    acting: str,
    skip_bad: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> LoadedCustomers:
    """Store new customers and change those that differ; every refused row is named in the CSV `errors`.

    The columns of the file rule: an empty cell takes the value away, a column that is absent leaves it.
    With a refused row nothing is stored (RowsRefused), unless `skip_bad`. Raises FileRefused, OSError.
    `progress(rows read)` is told after every chunk.
    """
    layout = read_layout(path, allowed=settings.CUSTOMER_DEMOGRAPHICS)
    loaded = LoadedCustomers(left_out=layout.left_out)
    with ErrorFile(errors) as refused, transaction.atomic():
        staging.open_staging()
        _stage(path, layout, loaded, refused, progress)
        if loaded.rows == 0:
            raise FileRefused("line 2: there are no data rows")
        for line, customer_id, first in staging.drop_repeats():
            _refuse(loaded, refused, line, "customer_id", f"'{customer_id}' stands on line {first} already")
        loaded.errors = refused.path if loaded.refused else None
        if loaded.refused and not skip_bad:
            raise RowsRefused(loaded)
        loaded.new, loaded.changed = staging.store(layout.taken, acting=acting)
        _audit(path, loaded, acting)
    return loaded


def _stage(
    path: Path, layout: Layout, loaded: LoadedCustomers, refused: ErrorFile, progress: Callable[[int], None]
) -> None:
    rows = read_rows(path, layout, now=timezone.now())
    while chunk := list(islice(rows, CHUNK)):
        staging.stage(_good(chunk, loaded, refused))
        loaded.rows += len(chunk)
        progress(loaded.rows)


def _good(chunk: list[Row], loaded: LoadedCustomers, refused: ErrorFile) -> Iterator[Row]:
    for row in chunk:
        if row.problems:
            loaded.refused += 1
            for problem in row.problems:
                _note(loaded, refused, row.line, problem.field, problem.detail)
        else:
            yield row


def _refuse(loaded: LoadedCustomers, refused: ErrorFile, line: int, column: str, reason: str) -> None:
    loaded.refused += 1
    _note(loaded, refused, line, column, reason)


def _note(loaded: LoadedCustomers, refused: ErrorFile, line: int, column: str, reason: str) -> None:
    refused.write(line, column, reason)
    if len(loaded.first_problems) < TOLD:
        place = f"line {line}, column {column}" if column else f"line {line}"
        loaded.first_problems.append(redact_text(f"{place}: {reason}"))


def _audit(path: Path, loaded: LoadedCustomers, acting: str) -> None:
    record(
        "customers.loaded",
        actor_kind="system",
        actor=acting,
        subject_kind="file",
        subject=path.name,
        after={
            "rows": loaded.rows,
            "new": loaded.new,
            "changed": loaded.changed,
            "refused": loaded.refused,
        },
    )
