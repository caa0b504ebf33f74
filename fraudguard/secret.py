"""The secret of the local profile: one of this installation's own, in var/, readable by its owner only."""

import fcntl
import os
import secrets
import tempfile
from pathlib import Path


def local_secret(path: Path) -> str:
    """What stands in the file; made by the first of several processes that ask at once. Raises OSError."""
    if kept := _kept(path):
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)  # closing the directory ends it
        return _kept(path) or _make(path)
    finally:
        os.close(directory)


def _kept(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _make(path: Path) -> str:
    """Put in place as a whole: a reader without the lock never sees half of it."""
    made = secrets.token_urlsafe(50)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 600
    with os.fdopen(handle, "w") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
    return made
