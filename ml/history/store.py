"""A history on disk: .npy files and one JSON, read back memory-mapped. No pickle.

Columns of one kind are the rows of one file: a file each would be more than a process may hold open.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ml.history.errors import HistoryDamaged
from ml.history.history import History

SCHEMA = 1
DESCRIPTION = "history.json"
_ALONE = ("ids", "times", "y", "known_at", "weight")
_TABLES = {"events": np.int64, "numeric": np.float32, "codes": np.int32}


def save(history: History, directory: Path | str) -> Path:
    """Write a history as a new directory: whole, or not at all. FileExistsError when it is there."""
    directory = Path(directory)
    if directory.exists():
        raise FileExistsError(f"{directory} exists; choose another directory or delete it")
    directory.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _write(history, unfinished)
        unfinished.chmod(0o755)
        os.rename(unfinished, directory)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return directory


def load(directory: Path | str) -> History:
    """Open a saved history; its arrays are memory-mapped, read-only. Raises HistoryDamaged."""
    directory = Path(directory)
    told = _description(directory)
    try:
        rows = told["rows"]
        alone = {n: _array(directory, n, (rows,)) if n in told["alone"] else None for n in _ALONE}
        tables = {table: _table(directory, table, told["tables"][table], rows) for table in _TABLES}
        words = told["vocabularies"]
        return History(
            name=told["name"],
            events=tables["events"],
            numeric=tables["numeric"],
            categorical={n: (codes, words[n]) for n, codes in tables["codes"].items()},
            roles=frozenset(told["roles"]),
            label_delay=told["label_delay"],
            mapping=told["mapping"],
            report=told["report"],
            **alone,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise HistoryDamaged(f"{directory / DESCRIPTION} lacks {error}; import the history again") from error


def _write(history: History, directory: Path) -> None:
    tables = {
        "events": history.events,
        "numeric": history.numeric,
        "codes": {name: codes for name, (codes, _) in history.categorical.items()},
    }
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "name": history.name,
        "rows": len(history),
        "roles": sorted(history.roles),
        "label_delay": int(history.label_delay),
        "mapping": history.mapping,
        "report": history.report,
        "vocabularies": {name: words for name, (_, words) in history.categorical.items()},
        "alone": [name for name in _ALONE if getattr(history, name) is not None],
        "tables": {table: list(columns) for table, columns in tables.items()},
    }
    for name in told["alone"]:
        values = np.ascontiguousarray(getattr(history, name))
        np.save(directory / f"{name}.npy", values, allow_pickle=False)
    for table, columns in tables.items():
        _put(directory / f"{table}.npy", columns, (len(columns), len(history)), _TABLES[table])
    (directory / DESCRIPTION).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _put(path: Path, columns: Mapping[str, np.ndarray], shape: tuple[int, int], dtype: type) -> None:
    """Row by row: the whole table need not stand in memory twice."""
    if 0 in shape:  # nothing can be mapped
        np.save(path, np.empty(shape, dtype), allow_pickle=False)
        return
    file = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    for number, values in enumerate(columns.values()):
        file[number] = values
    file.flush()


def _description(directory: Path) -> dict[str, Any]:
    file = directory / DESCRIPTION
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HistoryDamaged(f"{file} cannot be read ({error}); import the history again") from error
    schema = told.get("schema") if isinstance(told, dict) else None
    if schema != SCHEMA:
        raise HistoryDamaged(f"{file} has schema {schema}, not {SCHEMA}; import the history again")
    return told


def _table(directory: Path, table: str, names: list[str], rows: int) -> dict[str, np.ndarray]:
    values = _array(directory, table, (len(names), rows))
    return {name: values[number] for number, name in enumerate(names)}


def _array(directory: Path, stem: str, shape: tuple[int, ...]) -> np.ndarray:
    path = directory / f"{stem}.npy"
    try:
        values = np.load(path, mmap_mode=None if 0 in shape else "r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise HistoryDamaged(f"{path} cannot be read ({error}); import the history again") from error
    if values.shape != shape:
        raise HistoryDamaged(f"{path} is {values.shape}, not {shape}; import the history again")
    return values
