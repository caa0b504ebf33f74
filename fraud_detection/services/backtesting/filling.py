"""Features that people defined after a decision was made: computed as they would have been, and kept."""

import zlib
from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import numpy as np
import structlog

from fraud_detection.engines.engine import Engine
from fraud_detection.models import DeclaredField
from fraud_detection.rules.columns import Texts
from fraud_detection.services.backtesting.blocks import Block
from fraud_detection.services.feature_definitions.backfilling import backfilled

TAKEN_UP = timedelta(minutes=1)  # by then every process records a field that was declared
log = structlog.get_logger(__name__)


def filled(engine: Engine, block: Block, name: str, rows: np.ndarray) -> np.ndarray:
    """The column of a defined feature, float64 [block], with the `rows` (bool) that lack it filled in."""
    column = block.column(name) if block.has(name) else np.full(block.length, np.nan)
    column = np.where(rows, np.nan, column)
    column[rows] = _values(engine, block, name, rows)
    return column


def can_fill(engine: Engine, name: str) -> bool:
    """Whether a number was defined by people, so that it can be computed for earlier events."""
    return name in engine.feature_set.added


def declared_before(engine: Engine, block: Block, name: str, column: Texts | None) -> Texts | None:
    """The column of a text, with what events of before its declaration held of it in their metadata.

    None stays None: no row has it. Anything but a declared text is given back as it is.
    """
    field = next((one for one in engine.fields if one.column == name and one.kind == "text"), None)
    if field is None:
        return column
    changed_at = DeclaredField.objects.values_list("changed_at", flat=True).get(name=field.name)
    rows = block.rows("decided") < int((changed_at + TAKEN_UP).timestamp() * 1_000_000)
    if column is not None:
        rows &= column.codes < 0
    if not rows.any():
        return column
    return _completed(column, rows, backfilled(engine, [name], block.rows("id")[rows])[name])


def _completed(column: Texts | None, rows: np.ndarray, found: np.ndarray) -> Texts:
    """The texts `found` in the place of those `rows` (bool [block]), in a dictionary of both."""
    codes = np.full(len(rows), -1, np.int32) if column is None else column.codes.copy()
    known = {} if column is None else {value: code for code, value in enumerate(column.values)}
    codes[rows] = [-1 if text is None else known.setdefault(text, len(known)) for text in found]
    return Texts(codes, tuple(known))


def _values(engine: Engine, block: Block, name: str, rows: np.ndarray) -> np.ndarray:
    """Of the rows, kept beside the block under what the feature means and which rows they are."""
    ids = block.rows("id")[rows]
    meaning = engine.feature_set.meaning_digest(name)
    key = blake2b(f"{name} {meaning} {zlib.crc32(ids)}".encode(), digest_size=12).hexdigest()
    kept = _kept(block, key, len(ids))
    if kept is None:
        kept = _computed(engine, name, ids)[name].astype(np.float64)
        _keep(block, key, kept)
    return kept


def _computed(engine: Engine, name: str, ids: np.ndarray) -> Mapping[str, np.ndarray]:
    return backfilled(engine, [name], ids)


def _file(block: Block, key: str) -> Path | None:
    return block.dictionaries / f"filled-{key}.npy" if isinstance(block.dictionaries, Path) else None


def _kept(block: Block, key: str, length: int) -> np.ndarray | None:
    """What was kept, with its checksum as the last item; None when it is absent or damaged."""
    file = _file(block, key)
    if file is None or not file.exists():
        return None
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = found.shape == (length + 1,) and found.dtype == np.float64
    return found[:-1] if sound and zlib.crc32(found[:-1]) == found[-1] else None


def _keep(block: Block, key: str, values: np.ndarray) -> None:
    file = _file(block, key)
    if file is None:
        return
    try:
        np.save(file, np.append(values, zlib.crc32(values)))
    except OSError as error:
        log.warning("backtest_feature_not_kept", file=str(file), error=str(error))
