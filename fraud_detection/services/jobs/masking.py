"""A copy of an uploaded file in which card numbers are masked, the only one kept while it is worked on.

Rows keep their lines, so that errors name the line of the file as it was sent.
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any, BinaryIO

from fraud_detection.services.jobs.kinds import FileKind
from fraud_detection.services.jobs.scanning import Lines
from logs.redacting import mask_cards, mask_cards_in
from logs.redacting.masking import SUSPECT


class _Kept(Lines):
    """Lines that remembers the text of the row that is being read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.texts: list[str] = []

    def __next__(self) -> str:
        text = super().__next__()
        self.texts.append(text)
        return text

    def taken(self) -> str:
        text = "".join(self.texts)
        self.texts.clear()
        self.row_start = self.offset
        return text


def copy_masked(source: BinaryIO, target: BinaryIO, kind: FileKind, told: Callable[[int], None]) -> None:
    """Copy a CSV byte for byte but for card numbers; an event's own id stays. `told(bytes read)` a row.

    Raises FileRefused for lines and rows that are too long, and what `source` raises.
    """
    lines = _Kept(source)
    reader, place = csv.reader(lines, delimiter=kind.delimiter), kind.id_place
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            target.write(_encoded(lines.taken()))
            return
        except csv.Error:
            cells = None
        text = lines.taken()
        if SUSPECT.search(text) is not None:
            text = mask_cards(text) if cells is None else _masked(text, cells, kind.delimiter, place)
        target.write(_encoded(text))
        told(lines.offset)


def masked_cell(cell: str) -> str:
    """A cell without card numbers; of JSON its numbers too, and it stays JSON."""
    if SUSPECT.search(cell) is None:
        return cell
    if cell.lstrip()[:1] in ("{", "["):
        try:
            value: Any = json.loads(cell)
        except (ValueError, RecursionError):
            return mask_cards(cell)
        masked = mask_cards_in(value)
        return cell if masked == value else json.dumps(masked, ensure_ascii=False)
    return mask_cards(cell)


def _masked(text: str, cells: list[str], delimiter: str, place: int | None) -> str:
    masked = [cell if number == place else masked_cell(cell) for number, cell in enumerate(cells)]
    if masked == cells:
        return text
    row = io.StringIO()
    csv.writer(row, delimiter=delimiter).writerow(masked)
    return row.getvalue().removesuffix("\r\n") + text[len(text.rstrip("\r\n")) :]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
