"""What a file of each engine looks like: its rows, and when each of them happened."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.csv_files import header_columns
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.event_files import LABELS, event_file
from fraud_detection.services.transaction_files import PAYSIM, Row, read_layout, row_of
from ml.domains.moments import microseconds

UNTIMED = (1 << 63) - 1  # of a row that says no time: it happens when it is decided, after all others
TIME_COLUMN = {"insurance": "reported_at"}
PAYSIM_ONLY = set(PAYSIM) - set(PAYSIM.values())


@dataclass(frozen=True)
class FileKind:
    """How one file is read. `row(line, values)` never raises; a row without an id is numbered 1.

    `moment(values)` is microseconds since 1970, UNTIMED where the row says none or a wrong one.
    """

    delimiter: str
    columns: tuple[str, ...]
    id_field: str
    row: Callable[[int, list[str]], Row]
    moment: Callable[[Sequence[str]], int]

    @property
    def id_place(self) -> int | None:
        return self.columns.index(self.id_field) if self.id_field in self.columns else None


def file_kind(engine: str, path: Path) -> FileKind:
    """The kind of a file by its first line. Raises FileRefused naming the column."""
    if engine == "payments" or (engine == "aml" and _is_paysim(path)):
        declared = frozenset(field.name for field in engine_in_use("payments").fields)
        layout = read_layout(path, declared)
        delimiter, columns = layout.delimiter, layout.columns

        def row(line: int, values: list[str]) -> Row:
            return row_of(line, values, layout, Counter())
    else:
        file = event_file(engine, path)
        delimiter, columns = file.layout()
        label = next((name for name in LABELS if name in columns), None)

        def row(line: int, values: list[str]) -> Row:
            return file.row_of(line, values, columns, label, Counter())

    return FileKind(delimiter, columns, ENGINES[engine].id_field, row, _moments(engine, columns))


def _is_paysim(path: Path) -> bool:
    _, columns = header_columns(path, PAYSIM_ONLY)
    return not PAYSIM_ONLY.isdisjoint(columns)


def _moments(engine: str, columns: tuple[str, ...]) -> Callable[[Sequence[str]], int]:
    width, name = len(columns), TIME_COLUMN.get(engine, "occurred_at")
    place = columns.index(name) if name in columns else None
    step = columns.index("step") if "step" in columns else None
    today = datetime.now(UTC).date() if engine == "insurance" else None

    def moment(values: Sequence[str]) -> int:
        if len(values) != width:
            return UNTIMED
        if step is not None and values[step]:
            return _step(values[step])
        return UNTIMED if place is None else _iso(values[place], today)

    return moment


def _iso(text: str, today: date | None) -> int:
    """`today`: the day of whose reports a claim without a time of day comes in now."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if today is not None and len(text.strip()) <= 10 and moment.date() >= today:
            return UNTIMED
        return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return UNTIMED


def _step(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        return UNTIMED
    return microseconds(settings.PAYSIM_START) + int(text) * (timedelta(hours=1) // timedelta(microseconds=1))
