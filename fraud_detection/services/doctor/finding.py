"""What an examination says about one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """`what` was looked at, what was `found`, and the `remedy` unless all is well."""

    what: str
    grade: Grade
    found: str
    remedy: str = ""


def ok(what: str, found: str) -> Finding:
    return Finding(what, Grade.OK, found)


def warning(what: str, found: str, remedy: str) -> Finding:
    return Finding(what, Grade.WARNING, found, remedy)


def fault(what: str, found: str, remedy: str) -> Finding:
    return Finding(what, Grade.FAULT, found, remedy)
