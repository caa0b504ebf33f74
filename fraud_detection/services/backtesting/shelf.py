"""Blocks kept on disk below BACKTEST_DIR, so that the next backtest reads files instead of rows.

Nothing here is the only copy: whatever is absent, damaged or of another database is read anew. A block of
ids that are all old enough is settled; a newer one is kept too, and read anew when decisions were added.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import structlog
from django.conf import settings
from django.utils import timezone

from fraud_detection.engines.engine import Engine
from fraud_detection.models import Assessment
from fraud_detection.services.backtesting.blocks import ABOUT, Block, BlockDamaged, read_block, write_block
from fraud_detection.services.backtesting.columns import microseconds
from fraud_detection.services.backtesting.reading import ids_of, read

IDS = 32_768  # ids a block spans
STILL_COMMITTING = timedelta(minutes=15)  # a decision made so long ago is visible, or never will be
MEBIBYTE = 1 << 20
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reach:
    """Decisions made since a moment: their ids lie in [low, high), those below `settled` are all there."""

    low: int
    high: int
    settled: int
    decisions: int


def reach(engine: Engine, since: datetime, now: datetime) -> Reach:
    """Which ids a backtest of events since then must look at: none is decided before it happens.

    An event may claim to be five minutes ahead of the clock.
    """
    decided = Assessment.objects.filter(decided_at__gte=since - timedelta(minutes=5))
    first = decided.order_by("decided_at", "id").values_list("pk", flat=True).first()
    last = Assessment.objects.order_by("-id").values_list("pk", flat=True).first()
    if first is None or last is None:
        return Reach(0, 0, 0, 0)
    old = Assessment.objects.filter(decided_at__lt=now - STILL_COMMITTING).order_by("-decided_at", "-id")
    # ids are drawn before they commit: those of one moment may lie a block apart
    low = max(first // IDS - 1, 0) * IDS
    settled = old.values_list("pk", flat=True).first() or 0
    return Reach(low, (last // IDS + 1) * IDS, settled, decided.filter(engine=engine.name).count())


def blocks(engine: Engine, found: Reach) -> Iterator[Block]:
    """The blocks of a reach in the order of ids, from disk where they can be."""
    known = _anchored(engine, found)
    for low in range(found.low, found.high, IDS):
        yield _block(engine, low, low + IDS <= found.settled, known)


def guarded(block: Block, engine: Engine, use: Callable[[Block], None]) -> None:
    """Use a block; when a column proves damaged, make the block anew and use that: `use` must begin anew."""
    try:
        use(block)
    except BlockDamaged as damaged:
        low = block.about["low"]
        log.warning("backtest_block_damaged", engine=engine.name, low=low, error=str(damaged))
        use(_made(engine, low, block.about["settled"]))


def purge() -> int:
    """Delete the blocks not used longest until the rest fits BACKTEST_CACHE_MB; returns the bytes left."""
    found = [(_used(path), path) for path in _home().glob("*/[0-9]*") if path.is_dir()]
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for _, path in found}
    total = sum(sizes.values())
    for _, path in sorted(found):
        if total <= settings.BACKTEST_CACHE_MB * MEBIBYTE:
            break
        shutil.rmtree(path, ignore_errors=True)
        total -= sizes[path]
    for path in _home().glob("*/.new-*"):  # of a worker that was killed while it wrote
        if _used(path) < (timezone.now() - timedelta(hours=1)).timestamp():
            shutil.rmtree(path, ignore_errors=True)
    return total


def _block(engine: Engine, low: int, settled: bool, known: set[int]) -> Block:
    directory = _home() / engine.name / str(low)
    if not (directory / ABOUT).exists():
        return _made(engine, low, settled)
    try:
        block = read_block(directory)
        if low in known and (block.about["settled"] or _is_whole(block, engine, low)):
            os.utime(directory / ABOUT)
            return block
    except (BlockDamaged, OSError) as damaged:
        log.warning("backtest_block_damaged", engine=engine.name, low=low, error=str(damaged))
    return _made(engine, low, settled)


def _is_whole(block: Block, engine: Engine, low: int) -> bool:
    return np.array_equal(block.rows("id"), ids_of(engine, low, low + IDS))


def _made(engine: Engine, low: int, settled: bool) -> Block:
    """Read from the database and kept; a disk that is full or read-only costs speed, not the result."""
    block = read(engine, low, low + IDS)
    block.about["settled"] = settled
    home = _home() / engine.name
    draft = home / f".new-{uuid.uuid4().hex}"
    try:
        draft.mkdir(parents=True)
        write_block(block, draft)
        shutil.rmtree(home / str(low), ignore_errors=True)
        draft.rename(home / str(low))
    except OSError as error:
        log.warning("backtest_block_not_kept", engine=engine.name, low=low, error=str(error))
        shutil.rmtree(draft, ignore_errors=True)
    return block


def _anchored(engine: Engine, found: Reach) -> set[int]:
    """Kept blocks whose first and last decision stand in the database as they did, by one query."""
    claimed: dict[int, list[list[int]]] = {}
    for low in range(found.low, found.high, IDS):
        directory = _home() / engine.name / str(low)
        if (directory / ABOUT).exists():
            try:
                claimed[low] = read_block(directory).about["anchors"]
            except (BlockDamaged, KeyError):
                continue
    wanted = [key for anchors in claimed.values() for key, _ in anchors]
    moments = dict(
        Assessment.objects.filter(pk__in=wanted, engine=engine.name).values_list("pk", "decided_at")
    )
    return {
        low
        for low, anchors in claimed.items()
        if all(key in moments and microseconds(moments[key]) == at for key, at in anchors)
    }


def _home() -> Path:
    return Path(settings.BACKTEST_DIR)


def _used(directory: Path) -> float:
    try:
        return (directory / ABOUT).stat().st_mtime
    except OSError:
        return 0.0
