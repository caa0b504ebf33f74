"""The rows of a file in the order in which a job decides them, for commands that load one by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraud_detection.services.jobs import places
from fraud_detection.services.jobs.kinds import file_kind
from fraud_detection.services.jobs.ordering import build_index
from fraud_detection.services.jobs.preparing import copy_plain
from fraud_detection.services.jobs.scanning import scan
from fraud_detection.services.jobs.slices import rows_of
from fraud_detection.services.transaction_files import Row


@contextmanager
def rows_in_time(engine: str, path: Path, count: int) -> Iterator[Iterator[list[Row]]]:
    """Chunks of `count` rows in order of time.

    Their index, and what was unpacked, stand in BATCH_DIR meanwhile.
    Raises FileRefused for what cannot be read, JobRefused where there is no room.
    """
    folder = places.new_folder()
    index = places.home() / folder / places.INDEX
    try:
        plain = _plain(engine, path, index.with_name(places.SOURCE))
        kind = file_kind(engine, plain)
        rows = build_index(scan(plain, kind, lambda size: None), index).rows
        yield (rows_of(plain, index, kind, start, count) for start in range(0, rows, count))
    finally:
        places.forget(folder)


def _plain(engine: str, path: Path, copy: Path) -> Path:
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    if packed:
        copy_plain(path, copy, packed, file_kind(engine, path))
    return copy if packed else path
