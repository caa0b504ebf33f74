"""A block of stored decisions as columns, in memory or memory-mapped from its directory.

Numbers lie in the narrowest float type that holds them exactly, a column that never changes as one value;
texts are codes with a dictionary a column. Every column has a checksum, looked at when it is read.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fraud_detection.rules.columns import Texts

FORMAT = 2
WIDTHS = ("<f2", "<f4", "<f8")  # narrowest first; float16 holds every whole number up to 2,048 and NaN
ABOUT = "about.json"


class BlockDamaged(Exception):
    """Files that are not what was written; the block is made anew."""


@dataclass(frozen=True)
class Block:
    """`about` says where each column lies; `arrays` are [columns, rows] by type.

    rows      int64 columns by name: id, event, at (microseconds), amount, decision, keys of subjects
    versions  the feature sets of the rows, numbered as in the column `version`
    """

    about: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    dictionaries: Mapping[str, tuple[str, ...]] | Path

    @property
    def length(self) -> int:
        return self.about["length"]

    def rows(self, name: str) -> np.ndarray:
        """An int64 column; BlockDamaged when it is not what was written."""
        return self._checked("rows", self.about["rows"][name])

    def has(self, name: str) -> bool:
        return name in self.about["numbers"] or name in self.about["texts"]

    def column(self, name: str) -> np.ndarray | Texts:
        """float64 with NaN for missing, or Texts; KeyError when no row of the block has it."""
        if name in self.about["texts"]:
            place = self.about["texts"][name]
            return Texts(self._checked("codes", place), self._dictionary(place[0]))
        place = self.about["numbers"][name]
        if place[0] == "constant":
            value = np.nan if place[1] is None else place[1]
            return np.full(self.length, value, np.float64)
        return self._checked(place[0], place[1:]).astype(np.float64)

    def lacks(self, name: str, meaning: str | None) -> np.ndarray:
        """Which rows are of a feature set that does not define the name, or with another meaning; bool."""
        sets = zip(self.about["defined"], self.about["added"], strict=True)
        has = [name in names and added.get(name) == meaning for names, added in sets]
        without = [-1, *(place for place, it_has in enumerate(has) if not it_has)]
        return np.isin(self.rows("version"), without) if len(without) > 1 else self.rows("version") < 0

    def _checked(self, array: str, place: list[int]) -> np.ndarray:
        index, checksum = place
        values = self.arrays[array][index]
        if zlib.crc32(values) != checksum:
            raise BlockDamaged(f"{array} {index}")
        return values

    def _dictionary(self, index: int) -> tuple[str, ...]:
        if not isinstance(self.dictionaries, Path):
            return self.dictionaries[str(index)]
        try:
            return tuple(json.loads((self.dictionaries / f"texts-{index}.json").read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise BlockDamaged(str(error)) from error


def block_of(
    rows: Mapping[str, np.ndarray],
    numbers: Mapping[str, np.ndarray],
    texts: Mapping[str, Texts],
    versions: Mapping[str, tuple[list[str], Mapping[str, str]]],
    facts: Mapping[str, Any],
) -> Block:
    """Columns of equal length, packed. `versions`: for each feature set of the rows the names
    it defines, and what those that people added mean.
    """
    length = len(rows["id"])
    stacks: dict[str, list[np.ndarray]] = {"rows": [], "codes": [], **{width: [] for width in WIDTHS}}
    about = {
        "format": FORMAT,
        "length": length,
        "rows": {name: _stacked(stacks["rows"], column) for name, column in rows.items()},
        "numbers": {name: _narrowed(stacks, column) for name, column in numbers.items()},
        "texts": {name: _stacked(stacks["codes"], column.codes) for name, column in texts.items()},
        "versions": list(versions),
        "defined": [names for names, _ in versions.values()],
        "added": [added for _, added in versions.values()],
        **facts,
    }
    arrays = {name: np.stack(stack) for name, stack in stacks.items() if stack}
    dictionaries = {str(about["texts"][name][0]): column.values for name, column in texts.items()}
    return Block(about, arrays, dictionaries)


def _stacked(stack: list[np.ndarray], column: np.ndarray) -> list[int]:
    column = np.ascontiguousarray(column)
    stack.append(column)
    return [len(stack) - 1, zlib.crc32(column)]


def _narrowed(stacks: dict[str, list[np.ndarray]], column: np.ndarray) -> list[Any]:
    if not len(column) or np.array_equal(column, np.full_like(column, column[0]), equal_nan=True):
        known = bool(len(column)) and bool(np.isfinite(column[0]))
        return ["constant", float(column[0]) if known else None]
    for width in WIDTHS[:-1]:
        with np.errstate(over="ignore"):
            narrow = column.astype(width)
        if np.array_equal(narrow.astype(np.float64), column, equal_nan=True):
            return [width, *_stacked(stacks[width], narrow)]
    return [WIDTHS[-1], *_stacked(stacks[WIDTHS[-1]], column.astype("<f8"))]


def write_block(block: Block, directory: Path) -> None:
    """Into an empty directory; `about.json` comes last, so a directory without it is none."""
    for name, array in block.arrays.items():
        np.save(directory / f"{name.strip('<')}.npy", array)
    for index, values in block.dictionaries.items():
        (directory / f"texts-{index}.json").write_text(json.dumps(values), "utf-8")
    (directory / ABOUT).write_text(json.dumps(block.about), "utf-8")


def read_block(directory: Path) -> Block:
    """As it was written, its arrays memory-mapped; BlockDamaged when a file is absent or cut off."""
    try:
        about = json.loads((directory / ABOUT).read_text("utf-8"))
        if about["format"] != FORMAT:
            raise BlockDamaged("another format")
        arrays = {
            name: np.load(directory / f"{name.strip('<')}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("rows", "codes", *WIDTHS)
            if (directory / f"{name.strip('<')}.npy").exists()
        }
        block = Block(about, arrays, directory)
        if "rows" not in arrays or arrays["rows"].shape[1] != block.length:
            raise BlockDamaged("no rows")
        return block
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise BlockDamaged(str(error)) from error
