"""Reading files of any engine's events: CSV with the names of its request, plain or gzip."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.csv_files import FileRefused, count_rows, header_columns, opened
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.transaction_files import LABEL_VALUES, Row, content_id
from ml.domains.payments.schema import FIELDS as TRANSACTION_FIELDS
from ml.domains.readers import Field

LABELS = ("is_fraud", "isFraud", "label", "default", "scheme")  # scheme: a name, "" for ordinary activity


@dataclass(frozen=True)
class EventFile:
    """A file of one engine's events. `id_field` is filled in from the row's content where it is absent."""

    path: Path
    fields: tuple[Field, ...]
    id_field: str

    def count(self) -> int:
        """Read the whole file once, before anything is stored; its data rows. Raises FileRefused."""
        delimiter, _ = self.layout()
        return count_rows(self.path, delimiter)

    def rows(self) -> Iterator[Row]:
        """Every data row, bad ones with their problem; `is_fraud` from the first label column there is."""
        delimiter, columns = self.layout()
        label = next((name for name in LABELS if name in columns), None)
        seen: Counter[bytes] = Counter()
        with opened(self.path) as text:
            reader = csv.reader(text, delimiter=delimiter)
            next(reader)
            line = reader.line_num + 1
            for values in reader:
                if values:
                    yield self.row_of(line, values, columns, label, seen)
                line = reader.line_num + 1

    def row_of(
        self, line: int, values: list[str], columns: tuple[str, ...], label: str | None, seen: Counter[bytes]
    ) -> Row:
        """One data row; `seen` counts the rows without an id by their content."""
        if len(values) != len(columns):
            problem = f"has {len(values)} values where the header names {len(columns)} columns"
            return Row(line, {}, None, problem)
        record = dict(zip(columns, values, strict=True))
        told = {name: record.pop(name) for name in LABELS if name in record}
        verdict = _verdict(label, told[label]) if label else None
        if isinstance(verdict, str):
            return Row(line, record, None, verdict, label)
        if not record.get(self.id_field):
            record[self.id_field] = content_id(values, seen)
        return Row(line, record, verdict)

    def layout(self) -> tuple[str, tuple[str, ...]]:
        """Delimiter and columns of the first line. Raises FileRefused."""
        known = {field.name for field in self.fields} | set(LABELS)
        delimiter, columns = header_columns(self.path, known)
        self._check(columns, known)
        return delimiter, columns

    def _check(self, columns: tuple[str, ...], known: set[str]) -> None:
        twice = [name for name, count in Counter(columns).items() if count > 1]
        if twice:
            raise FileRefused(f"line 1: column '{twice[0]}' stands twice")
        for name in columns:
            if name not in known:
                close = get_close_matches(name, known, 1)
                hint = f"; did you mean '{close[0]}'?" if close else ""
                raise FileRefused(f"line 1: unknown column '{name[:60]}'{hint}")
        required = [field.name for field in self.fields if field.required and field.name != self.id_field]
        missing = [name for name in required if name not in columns]
        if missing:
            raise FileRefused(
                f"line 1: required column{'s' * (len(missing) > 1)} {', '.join(missing)} missing"
            )


def event_file(engine: str, path: Path) -> EventFile:
    """The file as one of this engine's; raises KeyError for an unknown engine."""
    source = SOURCES.get(engine)
    declared = tuple(field.reader for field in engine_in_use(engine).fields)
    known = source.fields if source else TRANSACTION_FIELDS
    return EventFile(path, (*known, *declared), ENGINES[engine].id_field)


def _verdict(label: str, text: str) -> bool | str | None:
    """True or False, None where nothing was said, or what is wrong with it."""
    word = text.strip().lower()
    if label == "scheme":
        return bool(word)
    if not word:
        return None
    return LABEL_VALUES.get(word, f"'{word[:40]}' is neither 0 nor 1")
