"""Read CSV tables with errors that name file, line and column."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


class DataError(ValueError):
    """A file that cannot be used; the message names the file and, where known, line and column."""

    def __init__(self, path: Path | str, detail: str, *, line: int | None = None, column: str | None = None):
        place = "".join(
            [f", line {line}" if line is not None else "", f", column {column}" if column is not None else ""]
        )
        super().__init__(f"{path}{place}: {detail}")
        self.line, self.column = line, column


def read_table(path: Path | str, *, required: Iterable[str] = ()) -> pd.DataFrame:
    """All cells as text; CSV, gzip when it ends in .gz, with or without a BOM. Empty rows are dropped.

    The index counts the rows of the file, so that `line_of` finds the line. Raises DataError.
    """
    path = Path(path)
    frame = _read_csv(path)
    frame = frame[(frame != "").any(axis=1)]
    if len(frame) == 0:
        raise DataError(path, "holds a header and no rows")
    for name in required:
        if name not in frame:
            found = ", ".join(map(str, frame.columns[:12]))
            raise DataError(path, f"the column is missing; found {found}", column=name)
    return frame


def _read_csv(path: Path) -> pd.DataFrame:
    options = {"dtype": str, "keep_default_na": False, "index_col": False, "skip_blank_lines": False}
    try:
        return pd.read_csv(path, encoding="utf-8-sig", **options)
    except FileNotFoundError:
        raise DataError(path, "there is no such file") from None
    except IsADirectoryError:
        raise DataError(path, "is a directory, not a file") from None
    except pd.errors.EmptyDataError:
        raise DataError(path, "the file is empty") from None
    except pd.errors.ParserError as error:
        raise DataError(path, f"is not a CSV table: {error}") from None
    except UnicodeDecodeError as error:
        raise DataError(path, f"is not UTF-8 text (byte {error.start:,})") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(path, f"cannot be read: {error}") from None


def numeric(frame: pd.DataFrame, column: str, path: Path | str) -> np.ndarray:
    """A text column as float64, empty cells as NaN. DataError names the first line that is no number."""
    text = frame[column].astype(str).str.strip()
    values = pd.to_numeric(text.where(text != "", None), errors="coerce")
    wrong = np.flatnonzero((values.isna() & (text != "")).to_numpy())
    if len(wrong):
        detail = f"'{text.iloc[wrong[0]][:40]}' is not a number"
        raise DataError(path, detail, line=line_of(frame.index[wrong[0]]), column=column)
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def line_of(row: int) -> int:
    """The line of a row in a file with a header and no line breaks inside cells."""
    return row + 2


def records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One dict a row, without the cells that are missing (None, NaN or empty text)."""
    columns = {str(name): _cells(frame[name]) for name in frame}
    for values in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(columns, values, strict=True) if value is not None}


def _cells(column: pd.Series) -> list[Any]:
    """Python values, None for missing."""
    missing = column.isna().to_numpy()
    if not pd.api.types.is_numeric_dtype(column):
        missing = missing | (column == "").fillna(False).to_numpy(dtype=bool)
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
