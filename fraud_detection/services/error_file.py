"""The file in which refused rows are named by line, column and reason."""

import csv
import errno
import fcntl
import os
from itertools import count
from pathlib import Path
from typing import TextIO

from fraud_detection.services.conflicts import EventConflict
from logs.redacting import redact_text
from ml.domains.fields import RecordRefused


class ErrorFile:
    """A CSV of refused rows, made with the first; named otherwise while another load writes the wanted."""

    def __init__(self, path: Path):
        self.path = path
        self.file: TextIO | None = None

    def __enter__(self) -> "ErrorFile":
        folder = self.path.parent
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "there is no such directory for refused rows", str(folder))
        blocked = self.path if self.path.exists() else folder
        if self.path.is_dir() or not os.access(blocked, os.W_OK):
            raise PermissionError(errno.EACCES, "refused rows cannot be written there", str(self.path))
        return self

    def __exit__(self, *raised) -> None:
        if self.file is not None:
            self.file.close()

    def _open(self) -> None:
        wanted = self.path
        for number in count(2):
            file = self.path.open("a", newline="")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until it is closed
                break
            except BlockingIOError:
                file.close()
                self.path = wanted.with_stem(f"{wanted.stem}-{number}")
        file.truncate(0)
        self.file, self.writer = file, csv.writer(file)
        self.writer.writerow(("line", "column", "reason"))

    def write(self, line: int, column: str, reason: str) -> None:
        if self.file is None:
            self._open()
        self.writer.writerow((line, redact_text(column), redact_text(reason)))

    def write_refusal(self, line: int, refusal: RecordRefused | EventConflict) -> None:
        if isinstance(refusal, EventConflict):
            self.write(line, refusal.id_field, str(refusal))
            return
        for problem in refusal.problems:
            self.write(line, problem.field, problem.detail)
