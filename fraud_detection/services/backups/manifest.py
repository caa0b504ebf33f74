"""What a backup says of itself: made from what, holding which files and how many rows of each table."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

NAME = "manifest.json"
DUMP = "database.dump"
FORMAT = 1
CHUNK = 1 << 20


class BackupDamaged(ValueError):
    """A backup that is not whole; the message names the file."""


@dataclass(frozen=True)
class Manifest:
    """`files` are name -> {bytes, sha256}; `counts` table -> rows; `migrations` app -> the last one."""

    made_at: str
    server: str
    database: str
    migrations: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, Mapping[str, int | str]]
    format: int = FORMAT

    def write(self, directory: Path) -> None:
        (directory / NAME).write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """Raises BackupDamaged for a directory that holds no whole backup."""
        try:
            content = json.loads((directory / NAME).read_text())
            manifest = cls(**content)
        except FileNotFoundError:
            raise BackupDamaged(f"{directory} is no backup: it has no {NAME}") from None
        except (ValueError, TypeError) as error:
            raise BackupDamaged(f"{directory / NAME} cannot be read: {error}") from error
        if manifest.format != FORMAT:
            raise BackupDamaged(f"{directory} has format {manifest.format}; this release reads {FORMAT}")
        return manifest

    def check(self, directory: Path) -> None:
        """Every file is there and is what was written; raises BackupDamaged."""
        for name, said in self.files.items():
            path = directory / name
            if not path.is_file():
                raise BackupDamaged(f"{path} is missing")
            if described(path) != dict(said):
                raise BackupDamaged(f"{path} is not what was written: its size or SHA-256 differs")


def described(path: Path) -> dict[str, int | str]:
    """Size and SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def directories() -> dict[str, Path]:
    """What lies beside the database and is backed up with it, by the name of its archive."""
    return {
        "models.tar": settings.MODEL_DIR,
        "histories.tar": settings.HISTORY_DIR,
        "case-files.tar": settings.CASE_FILES_DIR,
    }
